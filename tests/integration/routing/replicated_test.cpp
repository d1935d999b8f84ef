// `durability: replicated` with a real replica.
#include <doctest/doctest.h>

#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

using namespace std::chrono_literals;
using test::RedisServer;
using test::TestDesk;

struct Fixture {
  RedisServer master{{.tcp = true, .aof = true, .extra = {"--repl-diskless-sync-delay", "0"}}};
  RedisServer replica{{.extra = {"--replicaof", "127.0.0.1", std::to_string(master.tcp_endpoint().port)}}};
  test::Loop loop;

  bool online() const { return master.command({"INFO", "replication"}).text.find("state=online") != std::string::npos; }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a message that no replica has is not acknowledged, however often it comes, and is stored once") {
  REQUIRE(loop.eventually([this] { return online(); }));
  TestDesk desk(loop, master, test::desk_config([](config::Config& config) {
                  config.redis.durability = config::Durability::replicated;
                  config.redis.replicas = 1;
                  config.redis.timeout = 3s;
                }));
  const auto first = loop.run(desk->intake().receive(TestDesk::form("a@example.org", "One.")));
  REQUIRE_MESSAGE(first.has_value(), first.error().message);

  replica.freeze();
  const auto message = TestDesk::form("b@example.org", "Two.");
  CHECK(loop.run(desk->intake().receive(message)).error().code == ErrorCode::unavailable);
  // Again, and again on another connection: neither wrote anything itself, and the replica still lacks the first.
  CHECK(loop.run(desk->intake().receive(message)).error().code == ErrorCode::unavailable);
  master.command({"CLIENT", "KILL", "TYPE", "normal"});
  REQUIRE(loop.eventually([&] { return desk.client().connected(); }));
  CHECK(loop.run(desk->intake().receive(message)).error().code == ErrorCode::unavailable);

  replica.thaw();
  Result<Accepted> taken = fail(ErrorCode::unavailable, "not tried");
  CHECK(loop.eventually([&] {
    taken = loop.run(desk->intake().receive(message));
    return taken.has_value();
  }));
  CHECK(taken->duplicate);
  CHECK(loop.run(desk->reader().messages(taken->conversation, 0, 10))->size() >= 1);
  const auto on_replica = [&] { return replica.command({"LLEN", "peyk:{test}:c:" + taken->conversation.str()}); };
  CHECK(on_replica().integer >= 2);  // its head, and the message
}

}  // namespace peyk::routing
