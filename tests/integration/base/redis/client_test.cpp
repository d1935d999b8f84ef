// The Redis client against a real server: replies, TLS, users, scripts, pipelines and cancellation.
#include "base/redis/client.h"

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "base/redis/handshake.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

using namespace std::chrono_literals;

namespace peyk::redis {
namespace {

/// A started client that is stopped in the end.
class Running {
 public:
  Running(test::Loop& loop, ClientOptions options, std::vector<Script> scripts = {})
      : loop_(loop), client_(create_client(loop.executor(), std::move(options))) {
    client_->start(std::move(scripts));
  }
  ~Running() { loop_.run(client_->stop()); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Client* operator->() { return client_.get(); }
  Client& operator*() { return *client_; }

  Result<Reply> call(Command command) { return loop_.run(client_->call(std::move(command))); }

 private:
  test::Loop& loop_;
  std::unique_ptr<Client> client_;
};

ClientOptions options_for(Endpoint endpoint) {
  ClientOptions options;
  options.endpoint = std::move(endpoint);
  return options;
}

asio::awaitable<void> call_and_keep(Client& client, Command command, Result<Reply>* kept) {
  *kept = co_await client.call(std::move(command));
}

asio::awaitable<void> stop_group(TaskGroup& group) {
  co_await group.stop();
}
asio::awaitable<void> join(TaskGroup& group) {
  co_await group.join();
}

struct Fixture {
  test::Loop loop;
};

TEST_CASE_FIXTURE(Fixture, "commands are answered over a Unix socket, each kind of reply as itself") {
  test::RedisServer server;
  Running client(loop, options_for(server.endpoint()));
  const std::string bytes("a\r\n\0b", 5);
  CHECK(client.call({"SET", "key", bytes})->text == "OK");
  CHECK(client.call({"GET", "key"})->text == bytes);
  CHECK(client.call({"GET", "none"})->is_nil());
  CHECK(client.call({"INCR", "count"})->integer == 1);
  const auto items = client.call({"MGET", "key", "none"});
  REQUIRE(items->items.size() == 2);
  CHECK(items->items[1].is_nil());
}

TEST_CASE_FIXTURE(Fixture, "an error reply is an error with the server's words") {
  test::RedisServer server;
  Running client(loop, options_for(server.endpoint()));
  const auto reply = client.call({"NOSUCHCOMMAND"});
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ErrorCode::internal);
  CHECK(reply.error().message.find("unknown command") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the database of the address is chosen") {
  test::RedisServer server;
  auto endpoint = server.endpoint();
  endpoint.database = 3;
  Running client(loop, options_for(endpoint));
  CHECK(client.call({"SET", "key", "in three"})->text == "OK");
  CHECK(server.command({"GET", "key"}).is_nil());
}

TEST_CASE_FIXTURE(Fixture, "a large value goes and comes whole") {
  test::RedisServer server({.tcp = true});
  Running client(loop, options_for(server.tcp_endpoint()));
  const std::string value(8'000'000, 'x');
  CHECK(client.call({"SET", "key", value})->text == "OK");
  const auto reply = client.call({"GET", "key"});
  REQUIRE(reply.has_value());
  CHECK(reply->text == value);
}

TEST_CASE_FIXTURE(Fixture, "a reply beyond the limit fails its own call alone") {
  test::RedisServer server;
  auto options = options_for(server.endpoint());
  options.reply_limit_bytes = 10'000;
  Running client(loop, options);
  int losses = 0;
  client->on_disconnected([&losses] { ++losses; });
  CHECK(client.call({"SETRANGE", "key", "20000", "x"}).has_value());
  const auto reply = client.call({"GET", "key"});
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ErrorCode::internal);
  CHECK(client.call({"STRLEN", "key"})->integer == 20'001);
  CHECK(losses == 0);
}

TEST_CASE_FIXTURE(Fixture, "a server with a certificate of a CA of our own is spoken to over TLS") {
  test::RedisServer server({.tls = true});
  Running client(loop, options_for(server.tls_endpoint()));
  CHECK(client.call({"SET", "key", std::string(300'000, 'x')})->text == "OK");
  CHECK(client.call({"GET", "key"})->text.size() == 300'000);
}

TEST_CASE_FIXTURE(Fixture, "a certificate that is not from the CA, or for another name, is refused") {
  test::RedisServer server({.tls = true});
  test::RedisServer other({.tls = true});
  auto wrong_ca = server.tls_endpoint();
  wrong_ca.ca_file = other.tls_endpoint().ca_file;
  auto wrong_name = server.tls_endpoint();
  wrong_name.host = "localhost.localdomain";
  auto by_system = server.tls_endpoint();
  by_system.ca_file.clear();
  for (const auto& endpoint : {wrong_ca, by_system}) {
    Running client(loop, options_for(endpoint));
    const auto reply = client.call({"PING"});
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == ErrorCode::unavailable);
    CHECK(reply.error().message.find("certificate verify failed") != std::string::npos);
  }
  Running misnamed(loop, options_for(wrong_name));
  CHECK_FALSE(misnamed.call({"PING"}).has_value());
  auto unverified = wrong_ca;
  unverified.verify_peer = false;
  Running client(loop, options_for(unverified));
  CHECK(client.call({"PING"})->text == "PONG");
}

TEST_CASE_FIXTURE(Fixture, "an ACL user with few commands: those work, others are refused by name") {
  test::RedisServer server({.extra = {"--user", "peyk", "on", ">secret", "~peyk:*", "-@all", "+get", "+set", "+eval",
                                      "+evalsha", "+script|load"}});
  auto endpoint = server.endpoint();
  endpoint.user = "peyk";
  endpoint.password = Secret("secret");
  const auto script = make_script("echo", "return redis.call('get', KEYS[1])");
  Running client(loop, options_for(endpoint), {script});
  CHECK(client.call({"SET", "peyk:a", "1"})->text == "OK");
  CHECK(loop.run(client->eval(script, {"peyk:a"}, {}))->text == "1");
  for (const Command& command : {Command{"FLUSHALL"}, Command{"GET", "other"}}) {
    const auto refused = client.call(command);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("NOPERM") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "a wrong password is said at once, and the right one later is found by itself") {
  test::RedisServer server({.extra = {"--requirepass", "right"}});
  auto endpoint = server.endpoint();
  endpoint.password = Secret("wrong");
  Running client(loop, options_for(endpoint));
  const auto reply = client.call({"PING"});
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ErrorCode::unavailable);
  CHECK(client->last_error().find("WRONGPASS") != std::string::npos);
  CHECK(client->last_error().find("wrong ") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a missing password is said at the first connect") {
  test::RedisServer server({.extra = {"--requirepass", "right"}});
  Running client(loop, options_for(server.endpoint()));
  CHECK_FALSE(client.call({"PING"}).has_value());
  CHECK(client->last_error().find("NOAUTH") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "scripts are loaded before any call, and again for a server that forgot them") {
  test::RedisServer server;
  const auto script = make_script("add", "return tonumber(ARGV[1]) + tonumber(redis.call('get', KEYS[1]) or 0)");
  Running client(loop, options_for(server.endpoint()), {script});
  CHECK(client.call({"EVALSHA", script.sha1, "1", "n", "2"})->integer == 2);
  CHECK(client.call({"SCRIPT", "FLUSH"}).has_value());
  CHECK(loop.run(client->eval(script, {"n"}, {"5"}))->integer == 5);
  CHECK(client.call({"EVALSHA", script.sha1, "1", "n", "3"})->integer == 3);
}

TEST_CASE_FIXTURE(Fixture, "functions of one library are loaded once, and again for a server that forgot them") {
  test::RedisServer server;
  constexpr std::string_view kLibrary =
      "#!lua name=sums_1\n"
      "redis.register_function('sums_1_add', function(keys, args) return tonumber(args[1]) + tonumber(args[2]) end)\n"
      "redis.register_function('sums_1_one', function() return 1 end)\n";
  const auto functions = make_functions(std::array<std::string_view, 2>{"add", "one"}, kLibrary);
  for (int connection = 0; connection < 2; ++connection) {
    Running client(loop, options_for(server.endpoint()), functions);
    CHECK(loop.run(client->eval(functions[0], {"k"}, {"2", "3"}))->integer == 5);
    CHECK(client.call({"FUNCTION", "FLUSH"}).has_value());
    CHECK(loop.run(client->eval(functions[1], {"k"}, {}))->integer == 1);
  }
}

TEST_CASE_FIXTURE(Fixture, "a server that knows no functions is said to be too old, without the library's text") {
  const test::RedisServer server({.extra = {"--rename-command", "FUNCTION", ""}});
  const auto functions =
      make_functions(std::array<std::string_view, 1>{"one"},
                     "#!lua name=sums_2\nredis.register_function('sums_2_one', function() return 1 end)\n");
  Running client(loop, options_for(server.endpoint()), functions);
  CHECK_FALSE(client.call({"PING"}).has_value());
  CHECK(client->last_error().find(kTooOld) != std::string::npos);
  CHECK(client->last_error().find("register_function") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an error inside a script names the script") {
  test::RedisServer server;
  const auto script = make_script("fails", "return redis.call('lpush', KEYS[1])");
  Running client(loop, options_for(server.endpoint()), {script});
  const auto reply = loop.run(client->eval(script, {"k"}, {}));
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().message.find("script fails: ") == 0);
}

TEST_CASE_FIXTURE(Fixture, "a script that does not compile keeps the client from connecting, with its name") {
  test::RedisServer server;
  Running client(loop, options_for(server.endpoint()), {make_script("broken", "return (")});
  CHECK_FALSE(client.call({"PING"}).has_value());
  CHECK(client->last_error().find("loading the script broken") == 0);
}

TEST_CASE_FIXTURE(Fixture, "a pipeline is answered together, errors in their places") {
  test::RedisServer server;
  Running client(loop, options_for(server.endpoint()));
  const auto replies = loop.run(client->pipeline({{"SET", "a", "1"}, {"LPUSH", "a", "x"}, {"INCR", "a"}}));
  REQUIRE(replies.has_value());
  REQUIRE(replies->size() == 3);
  CHECK(replies->at(0).text == "OK");
  CHECK(replies->at(1).is_error());
  CHECK(replies->at(2).integer == 2);
  CHECK(loop.run(client->pipeline({}))->empty());
}

TEST_CASE_FIXTURE(Fixture, "calls beyond the pipeline limit are refused, the others answered") {
  test::RedisServer server;
  auto options = options_for(server.endpoint());
  options.pipeline_limit = 10;
  Running client(loop, options);
  REQUIRE(loop.run(client->wait_connected(5s)));
  std::vector<Result<Reply>> replies(15);
  TaskGroup group(loop.executor(), "test");
  for (auto& reply : replies) group.spawn("caller", call_and_keep(*client, {"ECHO", "x"}, &reply));
  loop.run(join(group));
  int answered = 0;
  for (const auto& reply : replies) {
    if (reply) ++answered;
    if (!reply) CHECK(reply.error().code == ErrorCode::unavailable);
  }
  CHECK(answered == 10);
}

TEST_CASE_FIXTURE(Fixture, "a cancelled caller stops waiting, and his reply reaches nobody else") {
  test::RedisServer server;
  Running client(loop, options_for(server.endpoint()));
  REQUIRE(loop.run(client->wait_connected(5s)));
  server.freeze();
  Result<Reply> kept;
  TaskGroup group(loop.executor(), "test");
  group.spawn("caller", call_and_keep(*client, {"ECHO", "mine"}, &kept));
  loop.run_for(5ms);
  loop.run(stop_group(group));
  REQUIRE_FALSE(kept.has_value());
  CHECK(kept.error().code == ErrorCode::cancelled);
  server.thaw();
  CHECK(client.call({"ECHO", "yours"})->text == "yours");
}

TEST_CASE_FIXTURE(Fixture, "a blocking read on a client of its own waits as long as it is told") {
  test::RedisServer server;
  auto options = options_for(server.endpoint());
  options.timeout = 50ms;
  Running client(loop, options);
  const auto nothing = loop.run(client->call({"XREAD", "BLOCK", "300", "STREAMS", "s", "$"}, 5s));
  REQUIRE(nothing.has_value());
  CHECK(nothing->is_nil());
  const auto late = loop.run(client->call({"XREAD", "BLOCK", "300", "STREAMS", "s", "$"}, 100ms));
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == ErrorCode::timeout);
}

TEST_CASE_FIXTURE(Fixture, "a stopped client refuses calls, and ends those under way") {
  test::RedisServer server;
  const auto client = create_client(loop.executor(), options_for(server.endpoint()));
  client->start({});
  REQUIRE(loop.run(client->wait_connected(5s)));
  server.freeze();
  Result<Reply> kept;
  TaskGroup group(loop.executor(), "test");
  group.spawn("caller", call_and_keep(*client, {"PING"}, &kept));
  loop.run_for(5ms);
  loop.run(client->stop());
  loop.run(join(group));
  REQUIRE_FALSE(kept.has_value());
  CHECK(kept.error().code == ErrorCode::cancelled);
  const auto late = loop.run(client->call({"PING"}));
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == ErrorCode::cancelled);
}

}  // namespace
}  // namespace peyk::redis
