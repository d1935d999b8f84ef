// Streams of lines over real sockets: framing, time-outs, Unix sockets, listeners and STARTTLS.
#include "base/net/line_stream.h"

#include <filesystem>
#include <memory>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/loop.h"
#include "tests/support/tls_files.h"

namespace peyk::net {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;

constexpr auto kLimit = 5s;

asio::awaitable<std::unique_ptr<LineStream>> accept_one(LineListener& listener) {
  auto stream = co_await listener.accept();
  co_return std::move(stream).value();
}

/// A listener and a connection to it, both ends in hand.
struct Pair {
  explicit Pair(std::string endpoint = "tcp:127.0.0.1:0") : listener(create_line_listener(loop.executor(), endpoint)) {
    listener->start();
    if (endpoint.starts_with("tcp:")) endpoint = fmt::format("tcp:127.0.0.1:{}", listener->port());
    client = loop.run(connect_lines(endpoint, kLimit)).value();
    server = loop.run(accept_one(*listener));
  }

  void send(std::string bytes) { CHECK(loop.run(client->write(std::move(bytes), kLimit)).has_value()); }
  Result<std::string> line(std::size_t limit = 1000) { return loop.run(server->read_line(limit, kLimit)); }

  test::Loop loop;
  std::unique_ptr<LineListener> listener;
  std::unique_ptr<LineStream> client;
  std::unique_ptr<LineStream> server;
};

/// The server's side of STARTTLS, by hand: says `reply`, shakes hands, and echoes one line under TLS.
asio::awaitable<void> serve_starttls(tcp::acceptor& acceptor, asio::ssl::context context, std::string reply) {
  auto socket = co_await acceptor.async_accept(asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(reply), asio::use_awaitable);
  asio::ssl::stream<tcp::socket> stream(std::move(socket), context);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  std::string text(100, '\0');
  const auto got = co_await stream.async_read_some(asio::buffer(text), asio::use_awaitable);
  co_await asio::async_write(stream, asio::buffer(text, got), asio::use_awaitable);
}

/// A client that has read the greeting of such a server and asks for TLS.
struct StartTls {
  explicit StartTls(std::string names = "DNS:mail.example,IP:127.0.0.1", std::string reply = "220 ready\r\n")
      : files(names), acceptor(loop.executor(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    tasks.spawn("server", serve_quietly(acceptor, files.server_context(), std::move(reply)));
    const auto endpoint = fmt::format("tcp:127.0.0.1:{}", acceptor.local_endpoint().port());
    client = loop.run(connect_lines(endpoint, kLimit)).value();
    CHECK(loop.run(client->read_line(100, kLimit)).value() == "220 ready");
  }
  ~StartTls() { loop.run(tasks.stop()); }

  Result<> begin(TlsOptions options) { return loop.run(client->start_tls(std::move(options), kLimit)); }

  static asio::awaitable<void> serve_quietly(tcp::acceptor& acceptor, asio::ssl::context context, std::string reply) {
    try {
      co_await serve_starttls(acceptor, std::move(context), std::move(reply));
    } catch (const boost::system::system_error&) {
      // The client under test refuses the certificate.
    }
  }

  test::Loop loop;
  test::TlsFiles files;
  tcp::acceptor acceptor;
  TaskGroup tasks{loop.executor(), "server"};
  std::unique_ptr<LineStream> client;
};

std::string temp_socket() {
  auto pattern = (std::filesystem::temp_directory_path() / "peyk-lines-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  return pattern + "/lmtp.sock";
}

}  // namespace

TEST_CASE("lines come without their ends, however they are cut into packets") {
  Pair pair;
  pair.send("one\r\ntwo\nthr");
  CHECK(pair.line().value() == "one");
  CHECK(pair.line().value() == "two");
  pair.send("ee\r");
  pair.send("\n\r\n");
  CHECK(pair.line().value() == "three");
  CHECK(pair.line().value().empty());
  CHECK(pair.server->peer() == "127.0.0.1");
  CHECK_FALSE(pair.server->secure());
}

TEST_CASE("a literal is taken by its length, lines go on behind it") {
  Pair pair;
  pair.send("head\r\nab\r\ncdtail\r\n");
  CHECK(pair.line().value() == "head");
  CHECK(pair.loop.run(pair.server->read_bytes(6, kLimit)).value() == "ab\r\ncd");
  CHECK(pair.line().value() == "tail");
}

TEST_CASE("what there is can be read, and what was too much given back") {
  Pair pair;
  pair.send("mail\r\n.\r\nQUIT\r\n");
  const auto some = pair.loop.run(pair.server->read_some(kLimit)).value();
  REQUIRE(some == "mail\r\n.\r\nQUIT\r\n");
  pair.server->unread(some.substr(9));
  CHECK(pair.line().value() == "QUIT");
  pair.send("more");
  CHECK(pair.loop.run(pair.server->read_some(kLimit)).value() == "more");
  CHECK_FALSE(pair.loop.run(pair.server->read_some(std::chrono::milliseconds(10))).has_value());
}

TEST_CASE("a line that is too long is skipped to its end") {
  Pair pair;
  for (const std::size_t size : {std::size_t{101}, std::size_t{50'000}}) {
    pair.send(std::string(size, 'x') + "\r\nnext\r\n");
    CHECK(pair.line(100).error().code == ErrorCode::too_large);
    CHECK(pair.line(100).value() == "next");
  }
  pair.send(std::string(100, 'x') + "\r\n");
  CHECK(pair.line(100).value().size() == 100);
}

TEST_CASE("silence ends in a timeout, the peer's end in unavailable") {
  Pair pair;
  CHECK(pair.loop.run(pair.server->read_line(100, 20ms)).error().code == ErrorCode::timeout);
  Pair other;
  other.send("unfinished");
  other.client->close();
  CHECK(other.line().error().code == ErrorCode::unavailable);
  CHECK(other.loop.run(other.server->read_bytes(100, kLimit)).error().code == ErrorCode::unavailable);
}

TEST_CASE("a peer that does not read ends a write in a timeout") {
  Pair pair;
  const auto written = pair.loop.run(pair.client->write(std::string(std::size_t{64} << 20U, 'x'), 50ms));
  CHECK(written.error().code == ErrorCode::timeout);
}

TEST_CASE("a Unix socket is reached by its path, replaced when stale, and removed at the end") {
  const auto path = temp_socket();
  {
    Pair pair("unix:" + path);
    pair.send("hello\r\n");
    CHECK(pair.line().value() == "hello");
    CHECK(pair.server->peer() == "local");
    const auto second = create_line_listener(pair.loop.executor(), "unix:" + path);
    CHECK_THROWS_WITH(second->start(), doctest::Contains(path.c_str()));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  asio::io_context context;
  {
    // Closed without removing its file, as a killed process leaves it.
    const asio::local::stream_protocol::acceptor left(context, asio::local::stream_protocol::endpoint(path));
  }
  REQUIRE(std::filesystem::exists(path));
  CHECK_NOTHROW(Pair("unix:" + path));
  std::filesystem::remove_all(std::filesystem::path(path).parent_path());
}

TEST_CASE("an endpoint that is none is named") {
  test::Loop loop;
  for (const std::string bad : {"", "tcp:", "tcp:host", "tcp::25", "tcp:host:", "unix:", "host:25"}) {
    CAPTURE(bad);
    CHECK(loop.run(connect_lines(bad, kLimit)).error().code == ErrorCode::invalid);
    CHECK_THROWS(create_line_listener(loop.executor(), bad)->start());
  }
  const auto nobody = loop.run(connect_lines("tcp:127.0.0.1:1", kLimit));
  CHECK(nobody.error().code == ErrorCode::unavailable);
  CHECK(nobody.error().message.contains("127.0.0.1 port 1"));
}

TEST_CASE("a closed listener ends its wait") {
  test::Loop loop;
  const auto listener = create_line_listener(loop.executor(), "tcp:127.0.0.1:0");
  listener->start();
  std::optional<ErrorCode> seen;
  TaskGroup tasks(loop.executor(), "accept");
  const auto wait = [](LineListener& open, std::optional<ErrorCode>& out) -> asio::awaitable<void> {
    const auto stream = co_await open.accept();
    if (!stream) out = stream.error().code;
  };
  tasks.spawn("accept", wait(*listener, seen));
  loop.run_for(10ms);
  listener->close();
  loop.run(tasks.join());
  CHECK(seen == ErrorCode::cancelled);
}

TEST_CASE("a listener out of descriptors waits until there are some") {
  Pair pair;
  tcp::socket late(pair.loop.executor(), tcp::v4());
  auto limit = std::make_optional<test::DescriptorLimit>(late.native_handle());
  late.connect({asio::ip::address_v4::loopback(), pair.listener->port()});
  std::unique_ptr<LineStream> accepted;
  TaskGroup tasks(pair.loop.executor(), "accept");
  const auto wait = [](LineListener& open, std::unique_ptr<LineStream>& out) -> asio::awaitable<void> {
    out = co_await accept_one(open);
  };
  tasks.spawn("accept", wait(*pair.listener, accepted));
  pair.loop.run_for(50ms);
  CHECK(accepted == nullptr);
  limit.reset();
  pair.loop.run(tasks.join());
  CHECK(accepted != nullptr);
}

TEST_CASE("STARTTLS goes on under TLS with a peer whose certificate is right") {
  StartTls dialogue;
  CHECK(dialogue.begin({.host = "mail.example", .ca_file = dialogue.files.ca_file(), .verify_peer = true}).has_value());
  CHECK(dialogue.client->secure());
  CHECK(dialogue.loop.run(dialogue.client->write("EHLO\r\n", kLimit)).has_value());
  CHECK(dialogue.loop.run(dialogue.client->read_line(100, kLimit)).value() == "EHLO");
}

TEST_CASE("a host may be named by its address") {
  StartTls dialogue;
  CHECK(dialogue.begin({.host = "127.0.0.1", .ca_file = dialogue.files.ca_file(), .verify_peer = true}).has_value());
}

TEST_CASE("a certificate for another host, or of an unknown authority, is refused with its reason") {
  StartTls other("DNS:other.example");
  const auto wrong_name = other.begin({.host = "mail.example", .ca_file = other.files.ca_file(), .verify_peer = true});
  REQUIRE_FALSE(wrong_name.has_value());
  CHECK(wrong_name.error().code == ErrorCode::unavailable);
  CHECK(wrong_name.error().message.contains("hostname mismatch"));
  StartTls unknown;
  const auto authority = unknown.begin({.host = "mail.example", .ca_file = "", .verify_peer = true});
  REQUIRE_FALSE(authority.has_value());
  CHECK(authority.error().message.contains("certificate"));
  StartTls nameless;
  CHECK_FALSE(nameless.begin({.host = "", .ca_file = nameless.files.ca_file(), .verify_peer = true}).has_value());
}

TEST_CASE("verification can be turned off") {
  StartTls dialogue("DNS:other.example");
  CHECK(dialogue.begin({.host = "mail.example", .ca_file = "", .verify_peer = false}).has_value());
}

TEST_CASE("plain bytes slipped in before TLS are refused") {
  StartTls dialogue("DNS:mail.example", "220 ready\r\n250 injected\r\n");
  const auto started =
      dialogue.begin({.host = "mail.example", .ca_file = dialogue.files.ca_file(), .verify_peer = true});
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().code == ErrorCode::invalid);
  CHECK_FALSE(dialogue.loop.run(dialogue.client->read_line(100, kLimit)).has_value());
}

}  // namespace peyk::net
