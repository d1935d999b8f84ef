// Sending under a lease, with two daemons at one desk.
#include <algorithm>

#include <doctest/doctest.h>

#include "base/async/event.h"
#include "routing/store/runner.h"
#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

using namespace std::chrono_literals;
using test::TestDesk;

/// Both send; a message whose `held` is set is under way until it is let go.
struct Fixture {
  test::RedisServer server;
  test::Loop loop;
  ManualClock clock{from_unix_ms(1'795'321'560'000)};
  std::unique_ptr<TestDesk> first = std::make_unique<TestDesk>(loop, server, test::desk_config(), clock);
  TestDesk second{loop, server, test::desk_config(), clock};
  store::Runner runner{second.client(), clock, {"test", 2s, 0, true}};
  peyk::Event released{loop.executor()};
  bool held = true;
  int by_first = 0;
  int by_second = 0;

  /// A mail that the first daemon has begun to send.
  void begin() {
    (*first)->outbox().start([this](Outbound) { return send_slowly(); });
    const AgentName ani("ani");
    const auto id = loop.run(second->work().start(
        {ActorKind::agent, ani, ani}, {ChannelName("support-mail"), "sara@example.org", "Your cooler", "Yes.", "key"}));
    REQUIRE_MESSAGE(id.has_value(), id.error().message);
    REQUIRE(second.until([this] { return by_first == 1; }));
    second->outbox().start([this](Outbound) {
      ++by_second;
      return test::send_result({});
    });
  }
  asio::awaitable<SendResult> send_slowly() {
    ++by_first;
    while (held) co_await released.wait();
    co_return SendResult{};
  }
  /// Lets time pass in steps that no pause of the store explains.
  void pass(Milliseconds time) {
    for (auto left = time; left > 0ms; left -= 2s) {
      clock.advance(std::min<Milliseconds>(left, 2s));
      REQUIRE(loop.run(runner.write("timers", R"({"limit":50,"gap":5000})")).has_value());
    }
  }
  double lease_until() {
    const auto reply = loop.run(second.client().call({"ZRANGE", runner.key("sending"), "0", "0", "WITHSCORES"}));
    return reply && reply->items.size() == 2 ? std::stod(reply->items[1].text) : 0;
  }
  bool empty() {
    const auto status = loop.run(runner.read("outbox_status", "{}"));
    return status && status->at("queued") == 0 && status->at("retrying") == 0;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what takes longer to send than a lease is still sent once") {
  begin();
  for (int i = 0; i < 4; ++i) {
    const auto before = lease_until();
    pass(4s);
    REQUIRE(second.until([&] { return lease_until() > before; }));
  }
  held = false;
  released.notify();
  CHECK(second.until([this] { return empty(); }));
  CHECK(by_first == 1);
  CHECK(by_second == 0);
}

TEST_CASE_FIXTURE(Fixture, "what a daemon that ended was sending is sent by another after the lease, not sooner") {
  begin();
  const auto until = from_unix_ms(static_cast<std::int64_t>(lease_until()));
  first.reset();
  CHECK(until - clock.now() <= 10s);
  pass(until - clock.now() - 1ms);
  loop.run_for(1200ms);  // longer than it waits between two looks
  CHECK(by_second == 0);
  pass(1ms);
  CHECK(second.until([this] { return empty(); }));
  CHECK(by_second == 1);
}

TEST_CASE_FIXTURE(Fixture, "what left and cannot be written down as sent is not sent again") {
  begin();
  const auto command = [this](redis::Command words) {
    const auto reply = loop.run(second.client().call(std::move(words)));
    REQUIRE_MESSAGE(reply.has_value(), reply.error().message);
    return *reply;
  };
  const auto queues = command({"KEYS", runner.key("obq:*")});
  REQUIRE(queues.items.size() == 1);
  const auto queue = queues.items[0].text;
  command({"RENAME", queue, runner.key("aside")});
  command({"SET", queue, "damaged"});
  held = false;
  released.notify();
  const auto has_issue = [this](std::string_view code) {
    const auto issues = (*first)->issues().issues;
    return std::any_of(issues.begin(), issues.end(), [code](const auto& issue) { return issue.code == code; });
  };
  REQUIRE(second.until([&] { return has_issue("outbox.unmarked"); }));
  for (int i = 0; i < 4; ++i) {
    const auto before = lease_until();
    pass(4s);
    REQUIRE(second.until([&] { return lease_until() > before; }));
  }
  CHECK(by_first == 1);
  CHECK(by_second == 0);
  command({"DEL", queue});
  command({"RENAME", runner.key("aside"), queue});
  CHECK(second.until([this] { return empty(); }, 60s));
  CHECK(second.until([&] { return !has_issue("outbox.unmarked"); }));
  CHECK(by_first + by_second == 1);
}

TEST_CASE_FIXTURE(Fixture, "an answer that cannot be delivered is an issue for the desk, and its agent's again") {
  (*first)->outbox().start([](Outbound) -> asio::awaitable<SendResult> {
    co_return SendResult{SendResult::Kind::failed, {}, "no such mailbox"};
  });
  const AgentName ani("ani");
  const auto id = loop.run(second->work().start(
      {ActorKind::agent, ani, ani}, {ChannelName("support-mail"), "sara@example.org", "Your cooler", "Yes.", "key"}));
  REQUIRE_MESSAGE(id.has_value(), id.error().message);
  REQUIRE(second.until([&] { return !second.id_in("message.delivery", "to").empty(); }));
  CHECK(second.id_in("message.delivery", "to") == "ani");
  CHECK(second.until([&] {
    const auto issues = (*first)->issues().issues;
    return std::any_of(issues.begin(), issues.end(), [](const auto& issue) { return issue.code == "outbox.failed"; });
  }));
  CHECK(loop.run(second->reader().conversation(*id)).value().unanswered_since.has_value());
}

}  // namespace peyk::routing
