// Who may send a body is found out before it is taken.
#include <doctest/doctest.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "base/net/http_server.h"
#include "tests/support/http_side.h"

namespace peyk::net {
namespace {

using namespace std::chrono_literals;
using test::has_status;
using test::HttpSide;
using test::post;

asio::awaitable<void> let_go_soon(HttpSide& side) {
  co_await sleep_for(20ms);
  side.let_go();
}

}  // namespace

TEST_CASE("a stranger is told so while his body is still to come, and the connection ends") {
  HttpSide fixture;
  for (const auto* body : {"Content-Length: 1000000\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    CAPTURE(body);
    auto wire = fixture.open();
    fixture.loop.run(wire.send(std::string("POST /guarded/stranger HTTP/1.1\r\nHost: x\r\n") + body));
    const auto answer = fixture.loop.run(wire.rest());
    CHECK(has_status(answer, 401));
    CHECK(answer.contains("Connection: close\r\n"));
  }
}

TEST_CASE("a stranger who sends all of his body at once has his answer too") {
  HttpSide fixture;
  CHECK(has_status(fixture.ask(post("/guarded/stranger", std::string(1'000'000, 'x'))), 401));
}

TEST_CASE("who is known is read as ever, and his connection goes on") {
  HttpSide fixture;
  auto wire = fixture.open();
  for (const std::string& body : {std::string("hello"), std::string(1'000'000, 'x'), std::string("again")}) {
    fixture.loop.run(wire.send(post("/guarded/friend", body)));
    CHECK(fixture.loop.run(wire.answer()).ends_with("|friend|" + body + "|127.0.0.1"));
  }
}

TEST_CASE("who waits for 100 Continue gets it once he is known, a stranger his 401 alone") {
  HttpSide fixture;
  const std::string rest = " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  auto wire = fixture.open();
  fixture.loop.run(wire.send("POST /guarded/friend" + rest));
  CHECK(has_status(fixture.loop.run(wire.answer()), 100));
  fixture.loop.run(wire.send("abc"));
  CHECK(fixture.loop.run(wire.answer()).contains("|abc|"));
  CHECK(has_status(fixture.ask("POST /guarded/stranger" + rest), 401));
}

TEST_CASE("the time it takes to find out is not the client's") {
  HttpServerOptions options;
  options.limits.request_time = 1s;
  HttpSide fixture(options);
  auto wire = fixture.open();
  const auto whole = post("/guarded/late", "hello");
  fixture.loop.run(wire.send(whole.substr(0, whole.size() - 1)));
  fixture.wait_for_slow();
  fixture.loop.run_for(1600ms);
  fixture.let_go();
  fixture.loop.run(wire.send(whole.substr(whole.size() - 1)));
  CHECK(has_status(fixture.loop.run(wire.answer()), 200));
}

TEST_CASE("who was let in has a request's time for his body, and no more") {
  HttpServerOptions options;
  options.limits.request_time = 100ms;
  HttpSide fixture(options);
  auto wire = fixture.open();
  const auto whole = post("/guarded/friend", "hello");
  fixture.loop.run(wire.send(whole.substr(0, whole.size() - 1)));
  CHECK(has_status(fixture.loop.run(wire.rest()), 408));
}

TEST_CASE("of a request without a body nothing is asked, nor of one that is too long") {
  HttpSide fixture;
  CHECK(has_status(fixture.ask(post("/guarded/stranger", "")), 200));
  CHECK(has_status(fixture.ask("POST /guarded/stranger HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n"), 413));
}

TEST_CASE("when it cannot be found out the answer is 500, and the body stays unread") {
  HttpSide fixture;
  CHECK(has_status(fixture.ask("POST /guarded/broken HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"), 500));
  CHECK(fixture.server->counters().failed == 1);
}

TEST_CASE("a stop while it is being found out waits for the answer") {
  HttpSide fixture;
  auto wire = fixture.open();
  fixture.loop.run(wire.send(post("/guarded/late", "hello")));
  fixture.wait_for_slow();
  TaskGroup meanwhile(fixture.loop.executor(), "meanwhile");
  meanwhile.spawn("let go", let_go_soon(fixture));
  fixture.loop.run(fixture.server->stop(5s));
  CHECK(has_status(fixture.loop.run(wire.rest()), 200));
  fixture.loop.run(meanwhile.join());
}

}  // namespace peyk::net
