// Mails as they leave, to the byte.
#include "channels/email/composed_mail.h"

#include <atomic>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "channels/email/parsed_mail.h"

namespace peyk::channels::email {
namespace {

OutgoingMail answer() {
  OutgoingMail mail;
  mail.message_id = "m_1@kouh.example";
  mail.from_name = "آنی Սարգսյան";
  mail.from_address = "support@kouh.example";
  mail.reply_to = "support+token@kouh.example";
  mail.to_name = "Sara";
  mail.to_address = "sara@example.com";
  mail.subject = "Re: فاکتور";
  mail.text = "سلام\n.\nFrom here\n";
  mail.in_reply_to = "two@example.com";
  mail.references = {"one@example.com", "two@example.com"};
  mail.date = from_unix_ms(1'795'321'560'123);
  return mail;
}

}  // namespace

TEST_CASE("threads compose and read at the same time, each its own") {
  const auto alone = compose_mail(answer());
  std::atomic<int> same{0};
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&alone, &same] {
      for (int round = 0; round < 50; ++round) {
        const auto bytes = compose_mail(answer());
        if (bytes == alone && parse_mail(bytes, {})->from.name == "آنی Սարգսյան") ++same;
      }
    });
  }
  threads.clear();
  CHECK(same == 200);
}

TEST_CASE("a composed mail says what it was made of") {
  const auto bytes = compose_mail(answer());
  const auto mail = parse_mail(bytes, {}).value();
  CHECK(mail.message_id == "m_1@kouh.example");
  CHECK(mail.from.name == "آنی Սարգսյան");
  CHECK(mail.from.address == "support@kouh.example");
  CHECK(mail.subject == "Re: فاکتور");
  CHECK(mail.text == "سلام\n.\nFrom here\n\n");
  CHECK(mail.references == std::vector<std::string>{"two@example.com", "one@example.com"});
  CHECK(bytes.find("Date: Sun, 22 Nov 2026 04:26:00 +0000\r\n") != std::string::npos);
  CHECK(bytes.find("Reply-To: ") != std::string::npos);
  CHECK_FALSE(mail.automatic);
}

TEST_CASE("a composed mail is seven-bit, with CRLF alone and short lines") {
  auto mail = answer();
  mail.text = std::string(5000, 'x') + "\n" + "ا";
  const auto bytes = compose_mail(mail);
  std::size_t line = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CHECK(static_cast<unsigned char>(bytes[i]) < 0x80);
    if (bytes[i] == '\n') {
      REQUIRE(bytes[i - 1] == '\r');
      CHECK(i - line <= 998);
      line = i + 1;
    }
  }
}

TEST_CASE("the same mail is composed to the same bytes, attachments too") {
  auto mail = answer();
  mail.files.push_back({"قبض.pdf", "application/pdf", "%PDF\0x"});
  const auto bytes = compose_mail(mail);
  CHECK(bytes == compose_mail(mail));
  const auto read = parse_mail(bytes, {}).value();
  REQUIRE(read.files.size() == 1);
  CHECK(read.files[0].name == "قبض.pdf");
  CHECK(read.files[0].content == mail.files[0].content);
}

TEST_CASE("line ends in names and subjects make no headers") {
  auto mail = answer();
  mail.subject = "a\r\nBcc: victim@example.com";
  mail.to_name = "x\r\nX-Evil: 1";
  mail.from_name = "y\nX-Evil: 2";
  mail.in_reply_to = "bad id>\r\nX-Evil: 3";
  mail.references = {"<", "a b", "good@example.com"};
  const auto bytes = compose_mail(mail);
  CHECK(bytes.find("\nBcc:") == std::string::npos);
  CHECK(bytes.find("\nX-Evil:") == std::string::npos);
  CHECK(bytes.find("References: <good@example.com>\r\n") != std::string::npos);
}

TEST_CASE("an answer of Peyk's own says that it is automatic") {
  auto mail = answer();
  mail.automatic = true;
  CHECK(parse_mail(compose_mail(mail), {}).value().automatic);
}

TEST_CASE("an answer's subject has one prefix") {
  CHECK(reply_subject("Cooler") == "Re: Cooler");
  CHECK(reply_subject("RE: re: AW: Cooler") == "Re: Cooler");
  CHECK(reply_subject("") == "Re: ");
}

}  // namespace peyk::channels::email
