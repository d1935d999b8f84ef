// The client with servers that die, freeze and lie.
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "base/redis/client.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

using namespace std::chrono_literals;

namespace peyk::redis {
namespace {

asio::awaitable<void> stop_both(TaskGroup& group, Client& client) {
  co_await group.stop();
  co_await client.stop();
}

struct Tally {
  int right = 0;
  int wrong = 0;
  int unavailable = 0;
  int timed_out = 0;
  int other = 0;

  void count(const Result<Reply>& reply, const std::string& expected) {
    if (reply && reply->text == expected) ++right;
    if (reply && reply->text != expected) ++wrong;
    if (reply) return;
    const auto code = reply.error().code;
    ++(code == ErrorCode::unavailable ? unavailable : code == ErrorCode::timeout ? timed_out : other);
  }
};

/// Asks for `times` words of its own, one after the other.
asio::awaitable<void> ask(Client& client, std::string name, int times, Tally* tally) {
  for (int i = 0; i < times; ++i) {
    const auto word = name + "-" + std::to_string(i);
    const auto reply = co_await client.call({"ECHO", word});
    tally->count(reply, word);
    if (!reply) co_await sleep_for(1ms);
  }
}

asio::awaitable<void> join(TaskGroup& group) {
  co_await group.join();
}

struct Fixture {
  test::Loop loop;
  std::unique_ptr<Client> client;
  TaskGroup callers{loop.executor(), "callers"};
  Tally tally;

  ~Fixture() {
    if (client) loop.run(stop_both(callers, *client));
  }

  void connect(Endpoint endpoint, std::chrono::milliseconds timeout = 2s) {
    ClientOptions options;
    options.endpoint = std::move(endpoint);
    options.timeout = timeout;
    options.reply_limit_bytes = 1'000'000;
    client = create_client(loop.executor(), options);
    client->start({});
  }

  void spawn_callers(int count, int times) {
    for (int i = 0; i < count; ++i) callers.spawn("caller", ask(*client, "c" + std::to_string(i), times, &tally));
  }

  Result<Reply> call(Command command) { return loop.run(client->call(std::move(command))); }
};

TEST_CASE_FIXTURE(Fixture, "a server killed in the middle of pipelines: each caller gets his own answer or an error") {
  test::RedisServer server;
  connect(server.endpoint());
  REQUIRE(loop.run(client->wait_connected(5s)));
  for (int round = 1; round <= 5; ++round) {
    spawn_callers(200, 100);
    REQUIRE(loop.eventually([&] { return tally.right > 0; }));
    server.restart();
    loop.run(join(callers));
    CHECK(tally.wrong == 0);
    CHECK(tally.other == 0);
    CHECK(tally.right + tally.unavailable + tally.timed_out == 20'000 * round);
    REQUIRE(loop.run(client->wait_connected(5s)));
  }
  CHECK(tally.unavailable > 0);
  CHECK(call({"ECHO", "after"})->text == "after");
}

TEST_CASE_FIXTURE(Fixture, "while the server is down calls fail at once, and the end of the outage is noticed") {
  test::RedisServer server;
  connect(server.endpoint());
  int losses = 0;
  int connects = 0;
  client->on_connected([&connects] { ++connects; });
  client->on_disconnected([&losses] { ++losses; });
  REQUIRE(loop.run(client->wait_connected(5s)));
  server.kill9();
  REQUIRE(loop.eventually([&] { return client->last_error().find("connecting to") == 0; }));
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    const auto reply = call({"PING"});
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == ErrorCode::unavailable);
  }
  CHECK(std::chrono::steady_clock::now() - before < 1s);
  CHECK_FALSE(client->connected());
  server.start();
  CHECK(loop.run(client->wait_connected(5s)));
  CHECK(client->last_error().empty());
  CHECK(connects == 2);
  CHECK(losses == 1);
}

TEST_CASE_FIXTURE(Fixture, "a frozen server's late replies reach nobody else") {
  test::RedisServer server;
  connect(server.endpoint(), 300ms);
  REQUIRE(loop.run(client->wait_connected(5s)));
  server.freeze();
  spawn_callers(50, 1);
  loop.run(join(callers));
  CHECK(tally.timed_out == 50);
  server.thaw();
  spawn_callers(50, 20);
  loop.run(join(callers));
  CHECK(tally.wrong == 0);
  CHECK(tally.right == 1000);
}

TEST_CASE_FIXTURE(Fixture, "a server that stays frozen is dropped, and found again when it thaws") {
  test::RedisServer server;
  connect(server.endpoint(), 50ms);
  REQUIRE(loop.run(client->wait_connected(5s)));
  server.freeze();
  const auto before = std::chrono::steady_clock::now();
  CHECK(call({"PING"}).error().code == ErrorCode::timeout);
  REQUIRE(loop.eventually([&] { return !client->connected(); }));
  CHECK(std::chrono::steady_clock::now() - before >= 100ms);
  CHECK(client->last_error().find("frozen") != std::string::npos);
  REQUIRE(loop.eventually([&] { return client->last_error().find("does not answer") != std::string::npos; }));
  server.thaw();
  REQUIRE(loop.run(client->wait_connected(5s)));
  spawn_callers(20, 20);
  loop.run(join(callers));
  CHECK(tally.right == 400);
}

using asio::ip::tcp;

/// Greets as Redis does, then answers the first bytes of each connection with `answer`, and hangs up if told to.
asio::awaitable<void> lie(tcp::acceptor& acceptor, std::string greeting, std::string answer, bool hang_up) {
  for (;;) {
    auto socket = co_await acceptor.async_accept(asio::use_awaitable);
    std::array<char, 4096> buffer{};
    for (const auto& text : {greeting, answer}) {
      const auto [error, size] =
          co_await socket.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
      if (error) break;
      co_await asio::async_write(socket, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
    }
    while (!hang_up) {
      const auto [error, size] =
          co_await socket.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
      if (error) break;
    }
  }
}

struct LyingFixture : Fixture {
  tcp::acceptor acceptor{loop.context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  TaskGroup liars{loop.executor(), "liars"};

  ~LyingFixture() {
    if (client) loop.run(stop_both(callers, *client));
    client.reset();
    loop.run(liars.stop());
  }

  void connect_to_liar(std::string greeting, std::string answer, bool hang_up) {
    liars.spawn("liar", lie(acceptor, std::move(greeting), std::move(answer), hang_up));
    Endpoint endpoint;
    endpoint.host = "127.0.0.1";
    endpoint.port = acceptor.local_endpoint().port();
    connect(endpoint, 100ms);
  }
};

const std::string kPong = "+PONG\r\n";

TEST_CASE_FIXTURE(LyingFixture, "a peer that is no Redis is not taken for one") {
  connect_to_liar("HTTP/1.1 400 Bad Request\r\n\r\n", "", false);
  const auto reply = call({"PING"});
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ErrorCode::unavailable);
  CHECK(client->last_error().find("does not speak Redis") != std::string::npos);
}

TEST_CASE_FIXTURE(LyingFixture, "a server that still loads its data is not yet connected to") {
  connect_to_liar("-LOADING Redis is loading the dataset in memory\r\n", "", false);
  const auto reply = call({"PING"});
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ErrorCode::unavailable);
  CHECK_FALSE(client->connected());
}

TEST_CASE_FIXTURE(LyingFixture, "a peer that accepts and says nothing is given up") {
  connect_to_liar("", "", false);
  const auto reply = call({"PING"});
  REQUIRE_FALSE(reply.has_value());
  REQUIRE(loop.eventually([&] { return client->last_error().find("does not answer") != std::string::npos; }));
}

TEST_CASE_FIXTURE(LyingFixture, "more than was asked for ends the connection") {
  connect_to_liar(kPong + kPong, "", false);
  CHECK_FALSE(call({"PING"}).has_value());
  CHECK(client->last_error().find("nobody asked for") != std::string::npos);
}

TEST_CASE_FIXTURE(LyingFixture, "a reply cut off is an error, not an answer") {
  connect_to_liar(kPong, "$100\r\nonly a part", true);
  const auto reply = call({"GET", "key"});
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(LyingFixture, "garbage, and what never ends, drop the connection") {
  SUBCASE("garbage") {
    connect_to_liar(kPong, std::string("\x00\xff\x13garbage\r\n", 12), false);
  }
  SUBCASE("a huge bulk") {
    connect_to_liar(kPong, "$2000000000\r\n", false);
  }
  SUBCASE("an array without end") {
    std::string array = "*2000000000\r\n";
    for (int i = 0; i < 100'000; ++i) array += ":1\r\n";
    connect_to_liar(kPong, array, false);
  }
  SUBCASE("a second reply") {
    connect_to_liar(kPong, "+one\r\n+two\r\n", false);
  }
  int losses = 0;
  client->on_disconnected([&losses] { ++losses; });
  const auto reply = call({"GET", "key"});
  if (reply) CHECK(reply->text == "one");
  if (!reply) {
    const auto code = reply.error().code;
    CHECK((code == ErrorCode::unavailable || code == ErrorCode::timeout));
  }
  CHECK(loop.eventually([&] { return losses == 1; }));
}

TEST_CASE_FIXTURE(LyingFixture, "a peer that hangs up after each greeting is not besieged") {
  connect_to_liar(kPong, "", true);
  int connects = 0;
  client->on_connected([&connects] { ++connects; });
  loop.run_for(500ms);
  for (int i = 0; i < 20; ++i) static_cast<void>(call({"PING"}));
  CHECK(connects < 20);
}

}  // namespace
}  // namespace peyk::redis
