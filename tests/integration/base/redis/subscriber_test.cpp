// What is published arrives, and every interruption of listening is told as a gap.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/redis/client.h"
#include "tests/support/log_capture.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

using namespace std::chrono_literals;

namespace peyk::redis {
namespace {

struct Fixture {
  test::Loop loop;
  test::RedisServer server{{.aof = false, .extra = {"--user", "mute", "on", "nopass", "-@all", "&none"}}};
  std::unique_ptr<Subscriber> subscriber;
  std::vector<std::string> messages;
  int gaps = 0;

  ~Fixture() {
    if (subscriber) loop.run(subscriber->stop());
  }

  void subscribe(std::chrono::milliseconds timeout = 2s, const std::string& user = "") {
    ClientOptions options;
    options.endpoint = server.endpoint();
    options.endpoint.user = user;
    options.timeout = timeout;
    subscriber = create_subscriber(loop.executor(), options);
    subscriber->start(
        {"one", "two"},
        [this](std::string_view channel, std::string_view text) {
          messages.push_back(std::string(channel) + ":" + std::string(text));
        },
        [this] { ++gaps; });
  }
};

TEST_CASE_FIXTURE(Fixture, "what is published on its channels arrives in order, and nothing else") {
  subscribe();
  REQUIRE(loop.eventually([&] { return gaps == 1; }));
  const std::string bytes("a\r\n\0b", 5);
  CHECK(server.command({"PUBLISH", "one", "first"}).integer == 1);
  CHECK(server.command({"PUBLISH", "three", "not ours"}).integer == 0);
  CHECK(server.command({"PUBLISH", "two", bytes}).integer == 1);
  REQUIRE(loop.eventually([&] { return messages.size() == 2; }));
  CHECK(messages == std::vector<std::string>{"one:first", "two:" + bytes});
}

TEST_CASE_FIXTURE(Fixture, "after a restart of the server it listens again, and says that there was a gap") {
  subscribe();
  REQUIRE(loop.eventually([&] { return gaps == 1; }));
  server.restart();
  REQUIRE(loop.eventually([&] { return gaps == 2; }));
  CHECK(server.command({"PUBLISH", "one", "again"}).integer == 1);
  REQUIRE(loop.eventually([&] { return messages.size() == 1; }));
}

TEST_CASE_FIXTURE(Fixture, "a silent but living server is kept, a frozen one is left and found again") {
  subscribe(30ms);
  REQUIRE(loop.eventually([&] { return gaps == 1; }));
  loop.run_for(400ms);
  CHECK(gaps == 1);
  server.freeze();
  loop.run_for(400ms);
  server.thaw();
  REQUIRE(loop.eventually([&] { return gaps == 2; }));
  CHECK(server.command({"PUBLISH", "one", "thawed"}).integer == 1);
  REQUIRE(loop.eventually([&] { return messages.size() == 1; }));
}

TEST_CASE_FIXTURE(Fixture, "a user who may not listen is told so in the log and tries again, without a gap") {
  subscribe(2s, "mute");
  loop.run_for(200ms);
  CHECK(gaps == 0);
}

TEST_CASE_FIXTURE(Fixture, "a lost server is a warning, its own stop is none") {
  const test::LogCapture log;
  subscribe();
  REQUIRE(loop.eventually([&] { return gaps == 1; }));
  server.restart();
  REQUIRE(loop.eventually([&] { return gaps == 2; }));
  const auto before = log.text();
  CHECK(before.find("redis.subscription_lost") != std::string::npos);
  loop.run(subscriber->stop());
  CHECK(log.text() == before);
}

}  // namespace
}  // namespace peyk::redis
