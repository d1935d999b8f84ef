// LMTP's dialogue without a socket: commands, limits, replies to each recipient and the end of a mail.
#include "channels/email/lmtp_dialogue.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace peyk::channels::email {
namespace {

using Next = LmtpDialogue::Next;

LmtpDialogue dialogue() {
  return {"kouh.example", 1000, [](std::string_view address) { return address.starts_with("support"); }};
}

}  // namespace

TEST_CASE("a mail is taken with one reply for each recipient") {
  auto lmtp = dialogue();
  CHECK(lmtp.greeting().reply.starts_with("220 "));
  CHECK(lmtp.on_line("LHLO mx").reply.ends_with("250 SIZE 1000\r\n"));
  CHECK(lmtp.on_line("MAIL FROM:<a@b.example> SIZE=500 BODY=8BITMIME").reply.starts_with("250 "));
  CHECK(lmtp.on_line("RCPT TO:<support@kouh.example>").reply.starts_with("250 "));
  CHECK(lmtp.on_line("RCPT TO:<nobody@kouh.example>").reply.starts_with("550 5.1.1"));
  CHECK(lmtp.on_line("rcpt to:<support+x@kouh.example>").reply.starts_with("250 "));
  const auto data = lmtp.on_line("DATA");
  CHECK(data.reply.starts_with("354 "));
  CHECK(data.next == Next::read_data);
  CHECK(lmtp.envelope().sender == "a@b.example");
  CHECK(lmtp.envelope().recipients.size() == 2);
  CHECK(lmtp.on_data("250 2.0.0 ok").reply == "250 2.0.0 ok\r\n250 2.0.0 ok\r\n");
  CHECK(lmtp.on_line("DATA").reply.starts_with("503 "));
}

TEST_CASE("commands out of order and of other protocols are refused") {
  auto lmtp = dialogue();
  CHECK(lmtp.on_line("EHLO mx").reply.starts_with("500 "));
  CHECK(lmtp.on_line("MAIL FROM:<>").reply.starts_with("503 "));
  lmtp.on_line("LHLO mx");
  CHECK(lmtp.on_line("RCPT TO:<support@x>").reply.starts_with("503 "));
  CHECK(lmtp.on_line("DATA").reply.starts_with("503 "));
  CHECK(lmtp.on_line("MAIL FROM:a@b").reply.starts_with("501 "));
  CHECK(lmtp.on_line("MAIL FROM:<>").reply.starts_with("250 "));
  CHECK(lmtp.on_line("MAIL FROM:<>").reply.starts_with("503 "));
  CHECK(lmtp.on_line("RCPT TO:<>").reply.starts_with("501 "));
  CHECK(lmtp.on_line("RSET").reply.starts_with("250 "));
  CHECK(lmtp.on_line("DATA").reply.starts_with("503 "));
  CHECK(lmtp.on_line("QUIT").next == Next::close);
}

TEST_CASE("a declared size over the limit is refused before the mail") {
  auto lmtp = dialogue();
  lmtp.on_line("LHLO mx");
  CHECK(lmtp.on_line("MAIL FROM:<a@b> SIZE=1001").reply.starts_with("552 "));
}

TEST_CASE("quoted local parts and source routes are read") {
  auto lmtp = dialogue();
  lmtp.on_line("LHLO mx");
  lmtp.on_line("MAIL FROM:<\"a>b\"@c.example>");
  lmtp.on_line("RCPT TO:<@relay.example:support@kouh.example>");
  CHECK(lmtp.envelope().sender == "\"a>b\"@c.example");
  CHECK(lmtp.envelope().recipients.front() == "support@kouh.example");
}

TEST_CASE("a mail that cannot be taken is no error of who brings it, however many come on one connection") {
  auto lmtp = dialogue();
  lmtp.on_line("LHLO mx");
  for (int i = 0; i < 30; ++i) {
    CHECK(lmtp.on_line("MAIL FROM:<a@b> SIZE=1001").reply.starts_with("552 "));
    CHECK(lmtp.on_line("MAIL FROM:<a@b>").reply.starts_with("250 "));
    CHECK(lmtp.on_line("RCPT TO:<nobody@else.example>").reply.starts_with("550 "));
    CHECK(lmtp.on_line("DATA").reply.starts_with("503 "));
    CHECK(lmtp.on_line("RSET").reply.starts_with("250 "));
  }
}

TEST_CASE("too many errors end the session") {
  auto lmtp = dialogue();
  for (int i = 0; i < 19; ++i) CHECK(lmtp.on_line("nonsense").next == Next::read_line);
  CHECK(lmtp.on_long_line().next == Next::close);
}

TEST_CASE("each recipient may get a reply of its own") {
  auto lmtp = dialogue();
  lmtp.on_line("LHLO mx");
  lmtp.on_line("MAIL FROM:<a@b>");
  lmtp.on_line("RCPT TO:<support@x>");
  lmtp.on_line("RCPT TO:<support+y@x>");
  lmtp.on_line("DATA");
  CHECK(lmtp.on_data(std::vector<std::string>{"250 one", "451 two"}).reply == "250 one\r\n451 two\r\n");
}

TEST_CASE("a mail's lines lose their stuffed dots and end at the lone one, however they are cut") {
  constexpr std::string_view kSent = "..a\r\n\r\nb.\r\nc\rd\r\r\n.e\r\n.\r\nQUIT\r\n";
  constexpr std::string_view kMeant = ".a\r\n\r\nb.\r\nc\rd\r\r\ne\r\n";
  for (std::size_t piece = 1; piece <= kSent.size(); ++piece) {
    CAPTURE(piece);
    MailData data(100);
    auto rest = kSent;
    while (!data.ended()) rest.remove_prefix(data.feed(rest.substr(0, piece)));
    CHECK(rest == "QUIT\r\n");
    CHECK(data.take() == kMeant);
  }
}

TEST_CASE("nothing but CRLF.CRLF ends a mail, so that none can be smuggled inside another") {
  for (const std::string_view end : {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n.\r\r\n"}) {
    CAPTURE(end);
    MailData data(1000);
    const auto sent = "Subject: one\r\n\r\ntext" + std::string(end) + "MAIL FROM:<forged@x>\r\n";
    CHECK(data.feed(sent) == sent.size());
    CHECK_FALSE(data.ended());
    CHECK(data.feed(".\r\n") == 3);
    CHECK(data.ended());
    CHECK(data.take().ends_with("MAIL FROM:<forged@x>\r\n"));
  }
}

TEST_CASE("an empty mail is a dot alone") {
  MailData data(10);
  CHECK(data.feed(".\r\nQUIT") == 3);
  CHECK(data.ended());
  CHECK(data.take().empty());
}

TEST_CASE("a mail over the limit is read to its end and not kept") {
  MailData data(10);
  data.feed("12345678\r\n");
  CHECK_FALSE(data.too_large());
  data.feed("1");
  CHECK(data.too_large());
  CHECK(data.size() == 0);
  data.feed("more\r\n.\r\n");
  CHECK(data.ended());
  CHECK(data.take().empty());
}

}  // namespace peyk::channels::email
