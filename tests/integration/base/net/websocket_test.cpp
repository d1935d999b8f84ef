// WebSockets both ways: handshake, bad frames, closing, peers that read nothing or fall silent, and the stop.
#include "base/net/websocket.h"

#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "base/net/http_client.h"
#include "base/net/http_server.h"
#include "tests/support/http_wire.h"
#include "tests/support/log_capture.h"
#include "tests/support/loop.h"

namespace peyk::net {
namespace {

using test::Wire;
using namespace std::chrono_literals;

constexpr std::string_view kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

asio::awaitable<void> echo(std::shared_ptr<WebSocket> socket, Request) {
  for (;;) {
    auto text = co_await socket->read();
    if (!text) co_return;
    if (*text == "bye") socket->close(1008, "as you like");
    if (*text == "throw") throw std::runtime_error("broken on purpose");
    if (*text == "end") co_return;
    if (*text == "flood") {
      while (socket->send(std::string(100'000, 'x'))) {
      }
      co_return;
    }
    if (*text == "large") {
      socket->send(std::string(3'000'000, 'x'));
      *text = "behind it";
    }
    socket->send(std::move(*text));
  }
}

asio::awaitable<void> read_once(std::shared_ptr<WebSocket> socket, std::optional<ErrorCode>& error) {
  const auto text = co_await socket->read();
  if (!text) error = text.error().code;
}

Result<> guard(const Request& request) {
  if (request.headers.get("Origin") == "https://evil.example") return fail(ErrorCode::forbidden, "not from there");
  return {};
}

struct Fixture {
  explicit Fixture(HttpServerOptions options = {}) {
    routes.add_websocket("/chat/{channel}",
                         {.subprotocol = "t.v1", .frame_limit = 4096, .guard = guard, .handler = echo});
    options.listen = {"127.0.0.1:0"};
    server = create_http_server(loop.executor(), options, routes);
    server->start();
  }
  ~Fixture() { loop.run(server->stop(1s)); }

  Wire open() { return loop.run(Wire::open(server->ports().front())); }
  Url url() const { return {"http", "127.0.0.1", std::to_string(server->ports().front()), ""}; }

  Result<std::shared_ptr<WebSocket>> connect(Headers headers = {}, std::string subprotocol = "t.v1") {
    return loop.run(connect_websocket(url(), "/chat/site", std::move(subprotocol), std::move(headers), 5s));
  }

  /// A connection on which frames are written by hand.
  Wire upgraded() {
    auto wire = open();
    loop.run(wire.send(upgrade_request()));
    const auto answer = loop.run(wire.answer());
    REQUIRE(answer.starts_with("HTTP/1.1 101 "));
    return wire;
  }

  static std::string upgrade_request(std::string_view headers = "Sec-WebSocket-Protocol: other, t.v1\r\n",
                                     std::string_view version = "13", std::string_view key = kKey) {
    return fmt::format(
        "GET /chat/site HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: {}\r\n{}{}\r\n",
        version, key, headers);
  }

  std::string refused(std::string request) {
    auto wire = open();
    loop.run(wire.send(std::move(request)));
    return loop.run(wire.answer());
  }

  test::Loop loop;
  Routes routes;
  std::unique_ptr<HttpServer> server;
};

/// A client's frame, masked with zeros.
std::string frame(unsigned char first, std::string_view payload) {
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80U | payload.size());
  } else {
    out += static_cast<char>(0x80U | 126U);
    out += static_cast<char>(payload.size() >> 8U);
    out += static_cast<char>(payload.size() & 0xFFU);
  }
  return out.append(4, '\0').append(payload);
}

/// The code of a close frame at the front of what the server sent; 0 when there is none.
int close_code(std::string_view bytes) {
  if (bytes.size() < 4 || static_cast<unsigned char>(bytes[0]) != 0x88) return 0;
  return static_cast<unsigned char>(bytes[2]) * 256 + static_cast<unsigned char>(bytes[3]);
}

}  // namespace

TEST_CASE("text goes both ways, in order") {
  Fixture fixture;
  const auto socket = fixture.connect().value();
  for (const auto* text : {"one", "دو", ""}) CHECK(socket->send(text));
  CHECK(fixture.loop.run(socket->read()).value() == "one");
  CHECK(fixture.loop.run(socket->read()).value() == "دو");
  CHECK(fixture.loop.run(socket->read()).value().empty());
  CHECK(fixture.server->counters().connections == 1);
  socket->close(1000, "");
  CHECK_FALSE(socket->open());
  CHECK_FALSE(socket->send("late"));
  CHECK(fixture.loop.eventually([&] { return fixture.server->counters().connections == 0; }));
}

TEST_CASE("the handshake names the subprotocol and no version of ours") {
  Fixture fixture;
  const auto answer = fixture.refused(Fixture::upgrade_request());
  CHECK(answer.starts_with("HTTP/1.1 101 "));
  CHECK(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  CHECK(answer.contains("Sec-WebSocket-Protocol: t.v1\r\n"));
  CHECK_FALSE(answer.contains("Boost"));
}

TEST_CASE("an upgrade that cannot be is refused by its status") {
  Fixture fixture;
  CHECK(fixture.refused(Fixture::upgrade_request("")).starts_with("HTTP/1.1 400 "));
  CHECK(fixture.refused(Fixture::upgrade_request("Sec-WebSocket-Protocol: other\r\n")).starts_with("HTTP/1.1 400 "));
  CHECK(
      fixture.refused(Fixture::upgrade_request("Sec-WebSocket-Protocol: t.v1\r\n", "12")).starts_with("HTTP/1.1 426 "));
  CHECK(fixture.refused(Fixture::upgrade_request("Sec-WebSocket-Protocol: t.v1\r\n", "13", ""))
            .starts_with("HTTP/1.1 400 "));
  CHECK(fixture.refused("GET /chat/site HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 426 "));
  CHECK(
      fixture.refused("POST /chat/site HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").starts_with("HTTP/1.1 405 "));
  CHECK(fixture.refused(Fixture::upgrade_request() + "early").starts_with("HTTP/1.1 400 "));
  const auto evil =
      fixture.refused(Fixture::upgrade_request("Sec-WebSocket-Protocol: t.v1\r\nOrigin: https://evil.example\r\n"));
  CHECK(evil.starts_with("HTTP/1.1 403 "));
}

TEST_CASE("the client is told why it was refused") {
  Fixture fixture;
  Headers headers;
  headers.add("Origin", "https://evil.example");
  CHECK(fixture.connect(headers).error().code == ErrorCode::forbidden);
  CHECK(fixture.connect({}, "other").error().code == ErrorCode::invalid);
}

TEST_CASE("what is not good text ends the socket with its code") {
  const std::vector<std::pair<std::string, int>> frames{
      {frame(0x81, "\xC3\x28"), 1007},
      {frame(0x82, "binary"), 1003},
      {frame(0x81, std::string(5000, 'x')), 1009},
      {frame(0x01, std::string(3000, 'x')) + frame(0x80, std::string(3000, 'x')), 1009},
      {frame(0xC1, "compressed"), 1002},
      {std::string("\x81\x01x", 3), 1002},
  };
  Fixture fixture;
  for (const auto& [bytes, code] : frames) {
    CAPTURE(code);
    auto wire = fixture.upgraded();
    fixture.loop.run(wire.send(bytes));
    fixture.loop.run(wire.send(frame(0x88, "")));
    CHECK(close_code(fixture.loop.run(wire.rest())) == code);
  }
  CHECK(fixture.loop.eventually([&] { return fixture.server->counters().connections == 0; }));
}

TEST_CASE("a message in fragments, byte by byte, is one message") {
  Fixture fixture;
  auto wire = fixture.upgraded();
  for (const char byte : frame(0x01, "one ") + frame(0x89, "ping") + frame(0x80, "message")) {
    fixture.loop.run(wire.send(std::string(1, byte)));
  }
  fixture.loop.run(wire.send(frame(0x88, "\x03\xE8")));
  const auto sent = fixture.loop.run(wire.rest());
  CHECK(sent.starts_with("\x8A\x04ping\x81\x0Bone message"));
}

TEST_CASE("the handler's close reaches the peer with code and reason, after what was sent") {
  Fixture fixture;
  auto wire = fixture.upgraded();
  fixture.loop.run(wire.send(frame(0x81, "first") + frame(0x81, "bye") + frame(0x88, "\x03\xE8")));
  const auto sent = fixture.loop.run(wire.rest());
  CHECK(
      sent.starts_with("\x81\x05"
                       "first"));
  CHECK(close_code(std::string_view(sent).substr(7)) == 1008);
  CHECK(sent.ends_with("as you like"));
}

TEST_CASE("a handler that ends closes with 1000, one that throws with 1011") {
  Fixture fixture;
  auto ending = fixture.upgraded();
  fixture.loop.run(ending.send(frame(0x81, "end") + frame(0x88, "\x03\xE8")));
  CHECK(close_code(fixture.loop.run(ending.rest())) == 1000);
  auto throwing = fixture.upgraded();
  fixture.loop.run(throwing.send(frame(0x81, "throw") + frame(0x88, "\x03\xE8")));
  CHECK(close_code(fixture.loop.run(throwing.rest())) == 1011);
}

TEST_CASE("a peer that reads nothing is cut when the queue is full") {
  HttpServerOptions options;
  options.limits.websocket_queue_bytes = 1'000'000;
  Fixture fixture(options);
  auto wire = fixture.upgraded();
  fixture.loop.run(wire.send(frame(0x81, "flood")));
  CHECK(fixture.loop.eventually([&] { return fixture.server->counters().connections == 0; }));
}

TEST_CASE("one frame is sent however large it is, and the bound counts what stands behind it") {
  HttpServerOptions options;
  options.limits.websocket_queue_bytes = 1'000;
  Fixture fixture(options);
  const auto socket = fixture.connect().value();
  for (int i = 0; i < 2; ++i) {
    socket->send("large");
    CHECK(fixture.loop.run(socket->read()).value().size() == 3'000'000);
    CHECK(fixture.loop.run(socket->read()).value() == "behind it");
  }
}

TEST_CASE("a peer that reads nothing is cut in time, whatever it says meanwhile") {
  HttpServerOptions options;
  options.limits.request_time = 100ms;
  options.limits.websocket_queue_bytes = 8'000'000;
  Fixture fixture(options);
  const test::LogCapture log;
  auto wire = fixture.upgraded();
  // Nothing of it is read here; a few bytes are enough for the system to keep the rest of what is sent.
  wire.socket().set_option(asio::socket_base::receive_buffer_size(4096));
  for (int i = 0; i < 3; ++i) fixture.loop.run(wire.send(frame(0x81, "large")));
  const auto ended = fixture.loop.eventually([&] {
    boost::system::error_code ignored;
    wire.socket().write_some(asio::buffer(frame(0x8A, "")), ignored);
    return fixture.server->counters().connections == 0;
  });
  CHECK(ended);
  CHECK(log.text().find("websocket.cut peer=127.0.0.1 reason=slow") != std::string::npos);
}

TEST_CASE("what a client's sockets have not sent has a bound together, and short frames come through all the same") {
  HttpServerOptions options;
  options.limits.websockets_bytes = 40'000'000;  // an eighth of it are 5,000,000
  options.limits.websocket_queue_bytes = 8'000'000;
  options.limits.count_local = true;
  Fixture fixture(options);
  const test::LogCapture log;
  std::vector<Wire> deaf;
  for (int i = 0; i < 3; ++i) {
    deaf.push_back(fixture.upgraded());
    deaf.back().socket().set_option(asio::socket_base::receive_buffer_size(4096));
    // More by two million than the system keeps for one socket.
    for (int frames = 0; frames < 2; ++frames) fixture.loop.run(deaf.back().send(frame(0x81, "large")));
  }
  CHECK(fixture.loop.eventually(
      [&log] { return log.text().find("websocket.cut peer=127.0.0.1 reason=share") != std::string::npos; }));
  const auto socket = fixture.connect().value();
  socket->send("hello");
  CHECK(fixture.loop.run(socket->read()).value() == "hello");
  deaf.clear();
  CHECK(fixture.loop.eventually([&fixture] { return fixture.server->counters().connections == 1; }));
  socket->send("large");
  CHECK(fixture.loop.run(socket->read()).value().size() == 3'000'000);
}

TEST_CASE("a silent peer is pinged, and closed when it stays silent") {
  HttpServerOptions options;
  options.limits.websocket_silence = 200ms;
  Fixture fixture(options);
  const auto before = std::chrono::steady_clock::now();
  auto wire = fixture.upgraded();
  const auto sent = fixture.loop.run(wire.rest());
  CHECK(sent.starts_with("\x89"));
  CHECK(std::chrono::steady_clock::now() - before < 2s);
}

TEST_CASE("a peer that answers pings stays") {
  HttpServerOptions options;
  options.limits.websocket_silence = 100ms;
  Fixture fixture(options);
  const auto socket = fixture.connect().value();
  const auto nothing = fixture.loop.run(with_deadline(500ms, socket->read()));
  CHECK(nothing.error().code == ErrorCode::timeout);
  CHECK(fixture.server->counters().connections == 1);
}

TEST_CASE("a stop ends sockets with 1001") {
  Fixture fixture;
  auto wire = fixture.upgraded();
  const auto before = std::chrono::steady_clock::now();
  fixture.loop.run(wire.send(frame(0x81, "x")));
  fixture.loop.run_for(20ms);
  fixture.loop.run(fixture.server->stop(300ms));
  const auto sent = fixture.loop.run(wire.rest());
  CHECK(close_code(std::string_view(sent).substr(3)) == 1001);
  CHECK(std::chrono::steady_clock::now() - before < 2s);
}

TEST_CASE("a stop waits for sockets that close properly, no longer") {
  Fixture fixture;
  const auto socket = fixture.connect().value();
  std::optional<ErrorCode> seen;
  TaskGroup reader(fixture.loop.executor(), "reader");
  reader.spawn("read", read_once(socket, seen));
  const auto before = std::chrono::steady_clock::now();
  fixture.loop.run(fixture.server->stop(5s));
  CHECK(std::chrono::steady_clock::now() - before < 1s);
  CHECK(seen == ErrorCode::cancelled);
}

TEST_CASE("the limit on frames can be lifted") {
  Fixture fixture;
  Routes routes;
  routes.add_websocket("/big", {.subprotocol = "t.v1",
                                .frame_limit = 10,
                                .guard = {},
                                .handler = [](std::shared_ptr<WebSocket> socket, Request) -> asio::awaitable<void> {
                                  socket->set_frame_limit(1'000'000);
                                  auto text = co_await socket->read();
                                  socket->send(text ? std::to_string(text->size()) : "refused");
                                }});
  HttpServerOptions options;
  options.listen = {"127.0.0.1:0"};
  const auto server = create_http_server(fixture.loop.executor(), options, routes);
  server->start();
  const Url url{"http", "127.0.0.1", std::to_string(server->ports().front()), ""};
  const auto socket = fixture.loop.run(connect_websocket(url, "/big", "t.v1", {}, 5s)).value();
  socket->send(std::string(500'000, 'x'));
  CHECK(fixture.loop.run(socket->read()).value() == "500000");
  fixture.loop.run(server->stop(1s));
}

}  // namespace peyk::net
