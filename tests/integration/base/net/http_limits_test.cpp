// The server's limits: sizes, times, connections and descriptors; each alone, and of all connections together.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/net/http_server.h"
#include "tests/support/descriptor_limit.h"
#include "tests/support/http_side.h"
#include "tests/support/log_capture.h"

namespace peyk::net {
namespace {

using namespace std::chrono_literals;
using test::get;
using test::has_status;
using test::HttpSide;
using test::post;
using test::Wire;

/// A connection on which all of a request but its last byte has come.
Wire held_back(HttpSide& side, const std::string& request) {
  auto wire = side.open();
  side.loop.run(wire.send(request.substr(0, request.size() - 1)));
  side.loop.run_for(20ms);
  return wire;
}

}  // namespace

TEST_CASE("a header past its limit is 431, sent at once or field by field") {
  HttpServerOptions options;
  options.limits.header_bytes = 2048;
  HttpSide fixture(options);
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
  HttpSide fixture;
  std::string fields;
  for (int field = 0; field < 200; ++field) fields += "A: b\r\n";
  CHECK(has_status(fixture.ask(get("/echo/x", fields)), 431));
}

TEST_CASE("a body past its route's limit is 413 before it is read") {
  HttpSide fixture;
  CHECK(has_status(fixture.ask(post("/small", "0123456789")), 200));
  CHECK(has_status(fixture.ask("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"), 413));
  CHECK(has_status(fixture.ask("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n"),
                   413));
}

TEST_CASE("a route's rule says of each request how long its body may be, or refuses it unread") {
  HttpServerOptions options;
  options.limits.body_bytes = 100;
  HttpSide fixture(options);
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
  HttpSide fixture(options);
  const auto whole = post("/echo/x", std::string(100'000, 'x'));
  auto first = held_back(fixture, whole);
  CHECK(has_status(fixture.ask(whole), 503));
  fixture.loop.run(first.send("x"));
  CHECK(has_status(fixture.loop.run(first.answer()), 200));
  CHECK(has_status(fixture.ask(whole), 200));
}

TEST_CASE("a client has an eighth of what all bodies may hold, and small bodies come through all the same") {
  HttpServerOptions options;
  options.limits.bodies_bytes = 1'000'000;
  options.limits.count_local = true;
  HttpSide fixture(options);
  const test::LogCapture log;
  const auto whole = post("/echo/x", std::string(100'000, 'x'));
  auto first = held_back(fixture, whole);
  CHECK(has_status(fixture.ask(whole), 503));
  CHECK(log.text().find("http.bodies_full network=127.0.0.1 network_bytes=") != std::string::npos);
  CHECK(has_status(fixture.ask(post("/echo/x", std::string(60'000, 'x'))), 200));
  fixture.loop.run(first.send("x"));
  CHECK(has_status(fixture.loop.run(first.answer()), 200));
  CHECK(has_status(fixture.ask(whole), 200));
}

TEST_CASE("behind a trusted proxy the share is the client's, and what names no client has none") {
  HttpServerOptions options;
  options.limits.bodies_bytes = 1'000'000;
  options.trusted_proxies = {"127.0.0.1"};
  HttpSide fixture(options);
  const std::string body(100'000, 'x');
  const auto from = [&body](const std::string& client) {
    return post("/echo/x", body, "X-Forwarded-For: " + client + "\r\n");
  };
  const auto whole = from("192.0.2.1");
  const auto first = held_back(fixture, whole);
  CHECK(has_status(fixture.ask(whole), 503));
  CHECK(has_status(fixture.ask(from("192.0.2.2")), 200));
  const auto plain = post("/echo/x", body);
  const auto nameless = held_back(fixture, plain);
  CHECK(has_status(fixture.ask(plain), 200));
}

TEST_CASE("a body that came fast but for its end gains no time by that") {
  HttpServerOptions options;
  options.limits.request_time = 300ms;
  HttpSide fixture(options);
  auto wire = fixture.open();
  const auto whole = post("/echo/x", std::string(4'000'000, 'x'));  // four minutes at the slowest pace allowed
  fixture.loop.run(wire.send(whole.substr(0, whole.size() - 1'000'000)));
  std::string answer;
  // A byte each now and then, which is no pace.
  for (int i = 0; i < 200 && answer.empty(); ++i) {
    fixture.loop.run_for(50ms);
    fixture.loop.run(wire.send("x"));
    if (fixture.server->counters().connections == 0) answer = "ended";
    if (wire.socket().available() > 0) answer = fixture.loop.run(wire.answer());
  }
  CHECK(has_status(answer, 408));
}

TEST_CASE("a large body that is refused does not lose its answer") {
  HttpSide fixture;
  CHECK(has_status(fixture.ask(post("/small", std::string(1'000'000, 'x'))), 413));
  CHECK(has_status(fixture.ask(post("/nowhere", std::string(1'000'000, 'x'))), 404));
}

TEST_CASE("a request that does not end in time is 408, a silent connection is closed") {
  HttpServerOptions options;
  options.limits.request_time = 60ms;
  options.limits.idle_time = 120ms;
  HttpSide fixture(options);
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
  HttpSide fixture(options);
  auto wire = fixture.open();
  fixture.loop.run(wire.send(get("/slow")));
  fixture.wait_for_slow();
  fixture.loop.run_for(60ms);
  fixture.let_go();
  CHECK(has_status(fixture.loop.run(wire.answer()), 200));
}

TEST_CASE("a large answer arrives whole, and one nobody reads ends the connection") {
  HttpServerOptions options;
  options.limits.request_time = 200ms;
  HttpSide fixture(options);
  CHECK(fixture.ask(get("/large")).size() > (std::size_t{8} << 20U));
  auto deaf = fixture.open();
  fixture.loop.run(deaf.send(get("/large")));
  CHECK(fixture.loop.eventually([&] { return fixture.server->counters().connections == 0; }));
}

TEST_CASE("connections beyond the limit are answered 503") {
  HttpServerOptions options;
  options.limits.connections = 1;
  HttpSide fixture(options);
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
  HttpSide fixture(options);
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
  HttpSide fixture(options);
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
  CHECK(fixture.loop.eventually([&] { return fixture.server->counters().connections == 1; }));
  CHECK(has_status(fixture.ask(get("/echo/x")), 200));  // the second one's place is free again
  options.trusted_proxies = {"127.0.0.1"};
  HttpSide behind(options);
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
  HttpSide fixture(options);
  auto deaf = fixture.open();
  fixture.loop.run(deaf.send(get("/large")));
  fixture.loop.run_for(50ms);
  CHECK(has_status(fixture.ask(get("/large")), 503));
  CHECK(has_status(fixture.ask(get("/echo/x")), 200));
  deaf.socket().close();
  CHECK(fixture.loop.eventually([&] { return fixture.server->counters().connections == 0; }));
  CHECK(has_status(fixture.ask(get("/large")), 200));
}

TEST_CASE("who reads slowly but steadily gets all of a large answer, beyond the time a request has") {
  HttpServerOptions options;
  options.limits.request_time = 2s;
  HttpSide fixture(options);
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
  HttpSide fixture;
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
  CHECK(fixture.loop.eventually([&] { return fixture.server->counters().connections == 2; }));
}

}  // namespace peyk::net
