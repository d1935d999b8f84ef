#include "base/net/http_server.h"

#include <stdexcept>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/async/deadline.h"
#include "base/net/http_client.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/http_wire.h"
#include "tests/support/loop.h"

namespace peyk::net {
namespace {

using test::Wire;
using namespace std::chrono_literals;

asio::awaitable<Response> echo(Request request) {
  co_return Response::text(200,
                           fmt::format("{}|{}|{}|{}", request.path, request.capture("x"), request.body, request.peer));
}

asio::awaitable<Response> throwing(Request) {
  throw std::runtime_error("broken on purpose");
  co_return Response::empty(204);
}

asio::awaitable<Response> slow(Request) {
  co_await sleep_for(100ms);
  co_return Response::text(200, "slow");
}

asio::awaitable<Response> large(Request) {
  co_return Response::text(200, std::string(std::size_t{8} << 20U, 'x'));
}

asio::awaitable<Response> own_headers(Request) {
  auto response = Response::text(200, "own");
  response.headers.set("Cache-Control", "max-age=60");
  response.headers.set("X-Evil", "a\r\nSet-Cookie: b");
  response.headers.set("Content-Length", "1");
  co_return response;
}

/// A server with a few routes and a client beside it on one loop.
struct Fixture {
  explicit Fixture(HttpServerOptions options = {}) {
    routes.add(Method::get, "/echo/{x}", echo);
    routes.add(Method::post, "/echo/{x}", echo);
    routes.add(Method::post, "/small", echo, 10);
    routes.add(Method::post, "/ruled/{x}", echo, [](const Request& request) -> std::expected<std::size_t, Response> {
      if (request.capture("x") == "closed") return std::unexpected(Response::problem(403, "closed"));
      return request.capture("x") == "small" ? 10 : std::size_t{1} << 40U;
    });
    routes.add(Method::get, "/throw", throwing);
    routes.add(Method::get, "/slow", slow);
    routes.add(Method::get, "/large", large);
    routes.add(Method::get, "/own", own_headers);
    options.listen = {"127.0.0.1:0"};
    server = create_http_server(loop.executor(), options, routes);
    server->start();
  }
  ~Fixture() { loop.run(server->stop(1s)); }

  Wire open() { return loop.run(Wire::open(server->ports().front())); }

  /// One request on a connection of its own.
  std::string ask(std::string request) {
    auto wire = open();
    loop.run(wire.send(std::move(request)));
    return loop.run(wire.answer());
  }

  Url url() const { return {"http", "127.0.0.1", std::to_string(server->ports().front()), ""}; }

  test::Loop loop;
  Routes routes;
  std::unique_ptr<HttpServer> server;
};

constexpr std::string_view kHost = "Host: x\r\n";

std::string get(std::string_view path, std::string_view headers = "") {
  return fmt::format("GET {} HTTP/1.1\r\n{}{}\r\n", path, kHost, headers);
}

std::string post(std::string_view path, std::string_view body, std::string_view headers = "") {
  return fmt::format("POST {} HTTP/1.1\r\n{}{}Content-Length: {}\r\n\r\n{}", path, kHost, headers, body.size(), body);
}

bool has_status(const std::string& answer, int status) {
  return answer.starts_with(fmt::format("HTTP/1.1 {} ", status));
}

}  // namespace

TEST_CASE("a request finds its route, and the connection goes on") {
  Fixture fixture;
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
  Fixture fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send(get("/echo/1") + post("/echo/2", "b") + get("/echo/3")));
  for (const auto* path : {"/echo/1|1|", "/echo/2|2|b", "/echo/3|3|"}) {
    CHECK(fixture.loop.run(wire.answer()).contains(path));
  }
}

TEST_CASE("a request in single bytes is the same request") {
  Fixture fixture;
  auto wire = fixture.open();
  for (const char byte : post("/echo/x", "body")) fixture.loop.run(wire.send(std::string(1, byte)));
  CHECK(fixture.loop.run(wire.answer()).ends_with("|x|body|127.0.0.1"));
}

TEST_CASE("a chunked body is put together, and its trailers are dropped") {
  Fixture fixture;
  const auto answer = fixture.ask(
      "POST /echo/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nX-Late: 1\r\n\r\n");
  CHECK(answer.ends_with("|x|abcde|127.0.0.1"));
}

TEST_CASE("HEAD has the head alone") {
  Fixture fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send(fmt::format("HEAD /echo/x HTTP/1.1\r\n{}\r\n", kHost) + get("/echo/y")));
  const auto head = fixture.loop.run(wire.answer(true));
  CHECK(has_status(head, 200));
  CHECK(head.contains("Content-Length: 20\r\n"));
  CHECK(has_status(fixture.loop.run(wire.answer()), 200));
}

TEST_CASE("an unknown path is 404, a known one under another method 405 with Allow") {
  Fixture fixture;
  CHECK(has_status(fixture.ask(get("/nowhere")), 404));
  const auto answer = fixture.ask(fmt::format("DELETE /echo/x HTTP/1.1\r\n{}\r\n", kHost));
  CHECK(has_status(answer, 405));
  CHECK(answer.contains("Allow: GET, HEAD, POST\r\n"));
  CHECK(answer.contains("application/problem+json"));
}

TEST_CASE("a handler that throws is answered 500, and the connection goes on") {
  Fixture fixture;
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
  Fixture fixture;
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

TEST_CASE("a header past its limit is 431, sent at once or field by field") {
  HttpServerOptions options;
  options.limits.header_bytes = 2048;
  Fixture fixture(options);
  CHECK(has_status(fixture.ask(get("/echo/x", "X-Long: " + std::string(3000, 'a') + "\r\n")), 431));
  CHECK(has_status(fixture.ask(get("/" + std::string(5000, 'a'))), 431));
  auto wire = fixture.open();
  fixture.loop.run(wire.send("GET /echo/x HTTP/1.1\r\nHost: x\r\n"));
  for (int field = 0; field < 30; ++field) {
    fixture.loop.run(wire.send(fmt::format("X-Field-{}: {}\r\n", field, std::string(90, 'a'))));
    fixture.loop.run_for(1ms);
  }
  CHECK(has_status(fixture.loop.run(wire.answer()), 431));
}

TEST_CASE("too many header fields are 431") {
  Fixture fixture;
  std::string fields;
  for (int field = 0; field < 200; ++field) fields += "A: b\r\n";
  CHECK(has_status(fixture.ask(get("/echo/x", fields)), 431));
}

TEST_CASE("a body past its route's limit is 413 before it is read") {
  Fixture fixture;
  CHECK(has_status(fixture.ask(post("/small", "0123456789")), 200));
  CHECK(has_status(fixture.ask("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"), 413));
  CHECK(has_status(fixture.ask("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n"),
                   413));
}

TEST_CASE("a route's rule says of each request how long its body may be, or refuses it unread") {
  HttpServerOptions options;
  options.limits.body_bytes = 100;
  Fixture fixture(options);
  const std::string chunked = "HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n";
  CHECK(has_status(fixture.ask(post("/ruled/small", "0123456789")), 200));
  CHECK(has_status(fixture.ask(post("/ruled/large", std::string(100, 'x'))), 200));
  // The rest never comes: what is too much is known before.
  CHECK(has_status(fixture.ask("POST /ruled/small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"), 413));
  CHECK(has_status(fixture.ask("POST /ruled/large HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n"), 413));
  CHECK(has_status(fixture.ask("POST /ruled/small " + chunked + "8\r\n12345678\r\n"), 413));
  CHECK(has_status(fixture.ask("POST /ruled/closed " + chunked), 403));
}

TEST_CASE("the bodies of all connections have a limit together, and give back what they held") {
  HttpServerOptions options;
  options.limits.bodies_bytes = 150'000;
  Fixture fixture(options);
  auto first = fixture.open();
  const auto body = std::string(100'000, 'x');
  const auto whole = post("/echo/x", body);
  fixture.loop.run(first.send(whole.substr(0, whole.size() - 1)));
  fixture.loop.run_for(20ms);
  CHECK(has_status(fixture.ask(whole), 503));
  fixture.loop.run(first.send("x"));
  CHECK(has_status(fixture.loop.run(first.answer()), 200));
  CHECK(has_status(fixture.ask(whole), 200));
}

TEST_CASE("a large body that is refused does not lose its answer") {
  Fixture fixture;
  CHECK(has_status(fixture.ask(post("/small", std::string(1'000'000, 'x'))), 413));
  CHECK(has_status(fixture.ask(post("/nowhere", std::string(1'000'000, 'x'))), 404));
}

TEST_CASE("who waits for 100 Continue gets it, unless the body is refused") {
  Fixture fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send("POST /echo/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
  CHECK(has_status(fixture.loop.run(wire.answer()), 100));
  fixture.loop.run(wire.send("abc"));
  CHECK(fixture.loop.run(wire.answer()).contains("|abc|"));
  CHECK(has_status(
      fixture.ask("POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n"), 413));
}

TEST_CASE("an answer has the security headers, which a handler may set otherwise") {
  Fixture fixture;
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
  Fixture fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send("GET /echo/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  CHECK(fixture.loop.run(wire.answer()).contains("Connection: keep-alive\r\n"));
  fixture.loop.run(wire.send("GET /echo/x HTTP/1.0\r\n\r\n"));
  CHECK(fixture.loop.run(wire.rest()).contains("Connection: close\r\n"));
}

TEST_CASE("a forwarded address counts from a trusted proxy alone") {
  const auto headers = "X-Forwarded-For: 1.1.1.1, 203.0.113.9, 10.1.2.3\r\nX-Forwarded-Proto: https\r\n";
  Fixture stranger;
  CHECK(stranger.ask(get("/echo/x", headers)).ends_with("|127.0.0.1"));
  HttpServerOptions options;
  options.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"};
  Fixture trusted(options);
  CHECK(trusted.ask(get("/echo/x", headers)).ends_with("|203.0.113.9"));
  CHECK(trusted.ask(get("/echo/x", "X-Forwarded-For: nonsense\r\n")).ends_with("|127.0.0.1"));
}

TEST_CASE("a request that does not end in time is 408, a silent connection is closed") {
  HttpServerOptions options;
  options.limits.request_time = 60ms;
  options.limits.idle_time = 120ms;
  Fixture fixture(options);
  auto wire = fixture.open();
  fixture.loop.run(wire.send("POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"));
  CHECK(has_status(fixture.loop.run(wire.rest()), 408));
  auto silent = fixture.open();
  CHECK(fixture.loop.run(silent.rest()).empty());
}

TEST_CASE("a handler may take longer than a request may") {
  HttpServerOptions options;
  options.limits.request_time = 20ms;
  options.limits.idle_time = 20ms;
  Fixture fixture(options);
  CHECK(has_status(fixture.ask(get("/slow")), 200));
}

TEST_CASE("a large answer arrives whole, and one nobody reads ends the connection") {
  HttpServerOptions options;
  options.limits.request_time = 200ms;
  Fixture fixture(options);
  CHECK(fixture.ask(get("/large")).size() > (std::size_t{8} << 20U));
  auto deaf = fixture.open();
  fixture.loop.run(deaf.send(get("/large")));
  fixture.loop.run_for(600ms);
  CHECK(fixture.server->counters().connections == 0);
}

TEST_CASE("connections beyond the limit are answered 503") {
  HttpServerOptions options;
  options.limits.connections = 1;
  Fixture fixture(options);
  auto first = fixture.open();
  fixture.loop.run(first.send(get("/echo/x")));
  CHECK(has_status(fixture.loop.run(first.answer()), 200));
  auto second = fixture.open();
  const auto answer = fixture.loop.run(second.rest());
  CHECK(has_status(answer, 503));
  CHECK(answer.contains("Retry-After: "));
  CHECK(fixture.server->counters().refused == 1);
}

TEST_CASE("a connection beyond the limit still asks for what is the operator's, and is closed after it") {
  HttpServerOptions options;
  options.limits.connections = 1;
  options.reserved_paths = {"/echo/health"};
  Fixture fixture(options);
  auto first = fixture.open();
  fixture.loop.run(first.send(get("/echo/x")));
  CHECK(has_status(fixture.loop.run(first.answer()), 200));
  auto operators = fixture.open();
  fixture.loop.run(operators.send(get("/echo/health")));
  const auto answer = fixture.loop.run(operators.rest());
  CHECK(has_status(answer, 200));
  CHECK(answer.contains("Connection: close\r\n"));
  auto other = fixture.open();
  fixture.loop.run(other.send(get("/echo/x")));
  CHECK(has_status(fixture.loop.run(other.rest()), 503));
  CHECK(fixture.server->counters().refused == 1);
}

TEST_CASE("one address has a share of the connections, a trusted proxy has none") {
  HttpServerOptions options;
  options.limits.connections_per_address = 2;
  options.limits.count_local = true;
  Fixture fixture(options);
  auto first = fixture.open();
  {
    auto second = fixture.open();
    for (auto* wire : {&first, &second}) {
      fixture.loop.run(wire->send(get("/echo/x")));
      CHECK(has_status(fixture.loop.run(wire->answer()), 200));
    }
    auto third = fixture.open();
    CHECK(has_status(fixture.loop.run(third.rest()), 503));
  }
  fixture.loop.run_for(50ms);
  CHECK(has_status(fixture.ask(get("/echo/x")), 200));  // the second one's place is free again
  options.trusted_proxies = {"127.0.0.1"};
  Fixture behind(options);
  std::vector<Wire> wires;
  for (int i = 0; i < 5; ++i) {
    wires.push_back(behind.open());
    behind.loop.run(wires.back().send(get("/echo/x")));
    CHECK(has_status(behind.loop.run(wires.back().answer()), 200));
  }
}

TEST_CASE("large answers that nobody reads have a limit together, and give back what they held") {
  HttpServerOptions options;
  options.limits.answers_bytes = std::size_t{12} << 20U;
  options.limits.request_time = 400ms;
  Fixture fixture(options);
  auto deaf = fixture.open();
  fixture.loop.run(deaf.send(get("/large")));
  fixture.loop.run_for(50ms);
  CHECK(has_status(fixture.ask(get("/large")), 503));
  CHECK(has_status(fixture.ask(get("/echo/x")), 200));
  deaf.socket().close();
  fixture.loop.run_for(50ms);
  CHECK(has_status(fixture.ask(get("/large")), 200));
}

TEST_CASE("who reads slowly but steadily gets all of a large answer, beyond the time a request has") {
  HttpServerOptions options;
  options.limits.request_time = 2s;
  Fixture fixture(options);
  auto slow = fixture.open();
  fixture.loop.run(slow.send(get("/large")));
  std::size_t got = 0;
  const auto begin = std::chrono::steady_clock::now();
  std::string piece(std::size_t{1} << 20U, '\0');
  while (got < std::size_t{8} << 20U) {
    fixture.loop.run_for(300ms);
    boost::system::error_code error;
    const auto read = slow.socket().read_some(asio::buffer(piece), error);
    REQUIRE_FALSE(error);
    got += read;
  }
  CHECK(std::chrono::steady_clock::now() - begin > 2s);
}

TEST_CASE("running out of descriptors is waited out") {
  Fixture fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send(get("/echo/x")));
  CHECK(has_status(fixture.loop.run(wire.answer()), 200));
  // The client's own descriptor is taken while there is one; the server's then fails.
  auto late = asio::ip::tcp::socket(fixture.loop.executor(), asio::ip::tcp::v4());
  {
    const test::DescriptorLimit limit(late.native_handle());
    late.connect({asio::ip::address_v4::loopback(), fixture.server->ports().front()});
    fixture.loop.run_for(50ms);
    CHECK(fixture.server->counters().connections == 1);
  }
  fixture.loop.run_for(300ms);
  CHECK(fixture.server->counters().connections == 2);
}

TEST_CASE("a stop lets requests under way be answered and closes the rest") {
  Fixture fixture;
  auto idle = fixture.open();
  auto busy = fixture.open();
  fixture.loop.run(idle.send(get("/echo/x")));
  fixture.loop.run(idle.answer());
  fixture.loop.run(busy.send(get("/slow")));
  fixture.loop.run_for(20ms);
  const auto before = std::chrono::steady_clock::now();
  fixture.loop.run(fixture.server->stop(5s));
  CHECK(std::chrono::steady_clock::now() - before < 2s);
  const auto answer = fixture.loop.run(busy.rest());
  CHECK(has_status(answer, 200));
  CHECK(answer.contains("Connection: close\r\n"));
  CHECK(fixture.loop.run(idle.rest()).empty());
  CHECK(fixture.server->counters().connections == 0);
}

TEST_CASE("a stop cuts what outlasts its patience") {
  Fixture fixture;
  auto busy = fixture.open();
  fixture.loop.run(busy.send(get("/slow")));
  fixture.loop.run_for(20ms);
  fixture.loop.run(fixture.server->stop(1ms));
  CHECK(fixture.loop.run(busy.rest()).empty());
}

TEST_CASE("an address that is taken is named") {
  Fixture fixture;
  HttpServerOptions options;
  options.listen = {fmt::format("127.0.0.1:{}", fixture.server->ports().front())};
  const auto second = create_http_server(fixture.loop.executor(), options, fixture.routes);
  CHECK_THROWS_WITH(second->start(), doctest::Contains(options.listen.front().c_str()));
}

TEST_CASE("the client fetches, and says when nobody is there") {
  Fixture fixture;
  Request request;
  request.method = Method::post;
  request.target = "/echo/y";
  request.body = "from the client";
  const auto answer = fixture.loop.run(fetch(fixture.url(), request, 5s));
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->body == "/echo/y|y|from the client|127.0.0.1");
  request.target = "/slow";
  request.method = Method::get;
  const auto late = fixture.loop.run(fetch(fixture.url(), request, 20ms));
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == ErrorCode::timeout);
  const auto nobody = fixture.loop.run(fetch({"http", "127.0.0.1", "1", ""}, request, 5s));
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().code == ErrorCode::unavailable);
}

}  // namespace peyk::net
