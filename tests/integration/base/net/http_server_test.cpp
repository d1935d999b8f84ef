// What the server answers: routes, framing, refusals of what is ambiguous, and the stop.
#include "base/net/http_server.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/async/task_group.h"
#include "tests/support/http_side.h"

namespace peyk::net {
namespace {

using namespace std::chrono_literals;
using test::get;
using test::has_status;
using test::HttpSide;
using test::kHost;
using test::post;
using test::Wire;

/// Lets go what is slow once the connection is closed; `rest`: what had come on that.
asio::awaitable<void> let_go_after(HttpSide& side, Wire& connection, std::string& rest) {
  rest = co_await connection.rest();
  side.let_go();
}

}  // namespace

TEST_CASE("a request finds its route, and the connection goes on") {
  HttpSide fixture;
  auto wire = fixture.open();
  for (int turn = 0; turn < 3; ++turn) {
    fixture.loop.run(wire.send(post("/echo/a%2Fb?q=1", "hello")));
    const auto answer = fixture.loop.run(wire.answer());
    CHECK(has_status(answer, 200));
    CHECK(answer.ends_with("/echo/a/b|a/b|hello|127.0.0.1"));
  }
  CHECK(fixture.server->counters().requests == 3);
  CHECK(fixture.server->counters().connections == 1);
}

TEST_CASE("requests sent all at once are answered in order") {
  HttpSide fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send(get("/echo/1") + post("/echo/2", "b") + get("/echo/3")));
  for (const auto* path : {"/echo/1|1|", "/echo/2|2|b", "/echo/3|3|"}) {
    CHECK(fixture.loop.run(wire.answer()).contains(path));
  }
}

TEST_CASE("a request in single bytes is the same request") {
  HttpSide fixture;
  auto wire = fixture.open();
  for (const char byte : post("/echo/x", "body")) fixture.loop.run(wire.send(std::string(1, byte)));
  CHECK(fixture.loop.run(wire.answer()).ends_with("|x|body|127.0.0.1"));
}

TEST_CASE("a chunked body is put together, and its trailers are dropped") {
  HttpSide fixture;
  const auto answer = fixture.ask(
      "POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Late: 1\r\n\r\n");
  CHECK(answer.ends_with("|x|abcde|127.0.0.1"));
}

TEST_CASE("HEAD has the head alone") {
  HttpSide fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send(fmt::format("HEAD /echo/x HTTP/1.1\r\n{}\r\n", kHost) + get("/echo/y")));
  const auto head = fixture.loop.run(wire.answer(true));
  CHECK(has_status(head, 200));
  CHECK(head.contains("Content-Length: 20\r\n"));
  CHECK(has_status(fixture.loop.run(wire.answer()), 200));
}

TEST_CASE("an unknown path is 404, a known one under another method 405 with Allow") {
  HttpSide fixture;
  CHECK(has_status(fixture.ask(get("/nowhere")), 404));
  const auto answer = fixture.ask(fmt::format("DELETE /echo/x HTTP/1.1\r\n{}\r\n", kHost));
  CHECK(has_status(answer, 405));
  CHECK(answer.contains("Allow: GET, HEAD, POST\r\n"));
  CHECK(answer.contains("application/problem+json"));
}

TEST_CASE("a handler that throws is answered 500, and the connection goes on") {
  HttpSide fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send(get("/throw")));
  const auto answer = fixture.loop.run(wire.answer());
  CHECK(has_status(answer, 500));
  CHECK_FALSE(answer.contains("on purpose"));
  fixture.loop.run(wire.send(get("/echo/x")));
  CHECK(has_status(fixture.loop.run(wire.answer()), 200));
  CHECK(fixture.server->counters().failed == 1);
}

TEST_CASE("what two readers could read in two ways is refused, and the connection closed") {
  const std::vector<std::pair<std::string, int>> requests{
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
      {"GET /echo/x HTTP/1.1\r\n\r\n", 400},
      {"GET /echo/x HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
      {"GET /echo/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /echo/%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /echo/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"GET /echo/x HTTP/1.1\r\nHost : x\r\n\r\n", 400},
      {"GET /echo/x HTTP/1.1\nHost: x\n\n\r\n\r\n", 505},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc", 400},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc", 400},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc", 501},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"POST /echo/x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
      {"POST /echo/x HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 3\r\n\r\nabc", 417},
  };
  HttpSide fixture;
  for (const auto& [request, status] : requests) {
    CAPTURE(request);
    auto wire = fixture.open();
    fixture.loop.run(wire.send(request));
    fixture.loop.run([](Wire& open) -> asio::awaitable<void> {
      open.socket().shutdown(asio::ip::tcp::socket::shutdown_send);
      co_return;
    }(wire));
    const auto answer = fixture.loop.run(wire.rest());
    CHECK(has_status(answer, status));
    CHECK(answer.contains("Connection: close\r\n"));
    CHECK(answer.find("HTTP/1.1", 10) == std::string::npos);
  }
}

TEST_CASE("who waits for 100 Continue gets it, unless the body is refused") {
  HttpSide fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send("POST /echo/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  CHECK(has_status(fixture.loop.run(wire.answer()), 100));
  fixture.loop.run(wire.send("abc"));
  CHECK(fixture.loop.run(wire.answer()).contains("|abc|"));
  CHECK(has_status(
      fixture.ask("POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n"), 413));
}

TEST_CASE("an answer has the security headers, which a handler may set otherwise") {
  HttpSide fixture;
  const auto plain = fixture.ask(get("/echo/x"));
  for (const auto* header : {"X-Content-Type-Options: nosniff\r\n", "Referrer-Policy: no-referrer\r\n",
                             "X-Frame-Options: DENY\r\n", "Cache-Control: no-store\r\n", "\r\nDate: "}) {
    CAPTURE(header);
    CHECK(plain.contains(header));
  }
  const auto own = fixture.ask(get("/own"));
  CHECK(own.contains("Cache-Control: max-age=60\r\n"));
  CHECK_FALSE(own.contains("no-store"));
  CHECK_FALSE(own.contains("\r\nSet-Cookie"));
  CHECK(own.contains("Content-Length: 3\r\n"));
}

TEST_CASE("HTTP/1.0 closes unless asked to keep the connection") {
  HttpSide fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send("GET /echo/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  CHECK(fixture.loop.run(wire.answer()).contains("Connection: keep-alive\r\n"));
  fixture.loop.run(wire.send("GET /echo/x HTTP/1.0\r\n\r\n"));
  CHECK(fixture.loop.run(wire.rest()).contains("Connection: close\r\n"));
}

TEST_CASE("a forwarded address counts from a trusted proxy alone") {
  const auto headers = "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.1.2.3\r\nX-Forwarded-Proto: https\r\n";
  HttpSide stranger;
  CHECK(stranger.ask(get("/echo/x", headers)).ends_with("|127.0.0.1"));
  HttpServerOptions options;
  options.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"};
  HttpSide trusted(options);
  CHECK(trusted.ask(get("/echo/x", headers)).ends_with("|203.0.113.9"));
  CHECK(trusted.ask(get("/echo/x", "X-Forwarded-For: nonsense\r\n")).ends_with("|127.0.0.1"));
}

TEST_CASE("a stop lets requests under way be answered and closes the rest") {
  HttpSide fixture;
  auto idle = fixture.open();
  auto busy = fixture.open();
  fixture.loop.run(idle.send(get("/echo/x")));
  fixture.loop.run(idle.answer());
  fixture.loop.run(busy.send(get("/slow")));
  fixture.wait_for_slow();
  TaskGroup under_way(fixture.loop.executor(), "stop");
  std::string of_idle;
  under_way.spawn("idle", let_go_after(fixture, idle, of_idle));
  const auto before = std::chrono::steady_clock::now();
  fixture.loop.run(fixture.server->stop(5s));
  CHECK(std::chrono::steady_clock::now() - before < 2s);
  const auto answer = fixture.loop.run(busy.rest());
  CHECK(has_status(answer, 200));
  CHECK(answer.contains("Connection: close\r\n"));
  fixture.loop.run(under_way.join());
  CHECK(of_idle.empty());
  CHECK(fixture.server->counters().connections == 0);
}

TEST_CASE("a stop cuts what outlasts its patience") {
  HttpSide fixture;
  auto busy = fixture.open();
  fixture.loop.run(busy.send(get("/slow")));
  fixture.wait_for_slow();
  fixture.loop.run(fixture.server->stop(1ms));
  CHECK(fixture.loop.run(busy.rest()).empty());
}

TEST_CASE("an address that is taken is named") {
  HttpSide fixture;
  HttpServerOptions options;
  options.listen = {fmt::format("127.0.0.1:{}", fixture.server->ports().front())};
  const auto second = create_http_server(fixture.loop.executor(), options, fixture.routes);
  CHECK_THROWS_WITH(second->start(), doctest::Contains(options.listen.front().c_str()));
}

}  // namespace peyk::net
