// LMTP over real sockets: what ends a mail, and what all mails together may take.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/net/line_stream.h"
#include "channels/email/lmtp_listener.h"
#include "tests/support/loop.h"

namespace peyk::channels::email {
namespace {

constexpr auto kLimit = std::chrono::seconds(10);

struct Server {
  explicit Server(std::size_t mails_bytes = 1'000'000)
      : listener(create_lmtp_listener(
            loop.executor(), {"tcp:127.0.0.1:0", "kouh.example", 1'000'000, 50, mails_bytes},
            [](std::string_view) { return true; },
            [this](LmtpEnvelope envelope, std::string bytes) { return take(std::move(envelope), std::move(bytes)); })) {
    listener->start();
  }
  ~Server() { loop.run(listener->stop()); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  asio::awaitable<Delivered> take(LmtpEnvelope envelope, std::string bytes) {
    mails.push_back(std::move(bytes));
    Delivered delivered;
    for (const auto& recipient : envelope.recipients) {
      if (recipient.starts_with("full")) {
        delivered.emplace_back(fail(ErrorCode::unavailable, "full"));
      } else {
        delivered.emplace_back(recipient);
      }
    }
    co_return delivered;
  }

  /// A session that has come to "354".
  std::unique_ptr<net::LineStream> in_data(const std::vector<std::string>& recipients = {"support@x"}) {
    auto stream = loop.run(net::connect_lines(fmt::format("tcp:127.0.0.1:{}", listener->port()), kLimit)).value();
    CHECK(line(*stream).starts_with("220"));
    std::string commands = "LHLO mx\r\nMAIL FROM:<a@b>\r\n";
    for (const auto& recipient : recipients) commands += "RCPT TO:<" + recipient + ">\r\n";
    send(*stream, commands + "DATA\r\n");
    while (!line(*stream).starts_with("354")) continue;
    return stream;
  }
  void send(net::LineStream& stream, std::string bytes) {
    REQUIRE(loop.run(stream.write(std::move(bytes), kLimit)).has_value());
  }
  std::string line(net::LineStream& stream) { return loop.run(stream.read_line(1000, kLimit)).value(); }

  test::Loop loop;
  std::vector<std::string> mails;
  std::unique_ptr<LmtpListener> listener;
};

}  // namespace

TEST_CASE("a mail with a bare line feed and a dot in it is one mail, and the commands in it are text") {
  Server server;
  const auto stream = server.in_data();
  server.send(*stream,
              "Subject: one\r\n\r\ntext\n.\nMAIL FROM:<forged@x>\nRCPT TO:<support@x>\nDATA\nforged\r\n.\r\nNOOP\r\n");
  CHECK(server.line(*stream) == "250 2.0.0 stored as support@x");
  CHECK(server.line(*stream) == "250 2.0.0 ok");
  REQUIRE(server.mails.size() == 1);
  CHECK(server.mails.front().ends_with("DATA\nforged\r\n"));
}

TEST_CASE("each recipient hears what became of his own") {
  Server server;
  const auto stream = server.in_data({"one@x", "full@x"});
  server.send(*stream, "text\r\n.\r\n");
  CHECK(server.line(*stream) == "250 2.0.0 stored as one@x");
  CHECK(server.line(*stream).starts_with("451 "));
}

TEST_CASE("mails that are together too large are put off, and one alone is not") {
  Server server(1000);
  const auto first = server.in_data();
  server.send(*first, std::string(900, 'a') + "\r\n");
  const auto second = server.in_data();
  // Taken in only once both are on their way: the second one's answer shows that its bytes were looked at.
  server.send(*second, std::string(900, 'b') + "\r\n.\r\n");
  const auto answer = server.line(*second);
  CHECK(answer.starts_with("452 4.3.1"));
  server.send(*first, std::string(900, 'a') + "\r\n.\r\n");
  CHECK(server.line(*first).starts_with("250 "));
  CHECK(server.mails.size() == 1);
}

}  // namespace peyk::channels::email
