// What the store is told of queues: whether they are closed, and how long one waits there.
#include "routing/queue_states.h"

#include <doctest/doctest.h>

namespace peyk::routing {
namespace {

const QueueName kBare("bare");
const QueueName kDay("day");
const QueueName kFull("full");

/// Estimates that a test gives.
class FixedWaits : public WaitEstimator {
 public:
  std::map<QueueName, std::map<ChannelKind, double>> p50;

  void observe(const Event&) override {}
  void count(const QueueCount&) override {}
  std::optional<WaitEstimate> estimate(const QueueName&, ChannelKind, int) const override { return std::nullopt; }
  std::optional<WaitEstimate> newcomer(const QueueName& queue, ChannelKind kind) const override {
    const auto found = p50.find(queue);
    if (found == p50.end() || !found->second.contains(kind)) return std::nullopt;
    return WaitEstimate{found->second.at(kind), 0};
  }
  double error_ratio(const QueueName&) const override { return 0; }
};

/// A queue with nothing to tell of, one with hours, one with an overflow rule.
config::ConfigPtr three_queues() {
  auto config = std::make_shared<config::Config>();
  config::Hours hours;
  hours.timezone = "UTC";
  for (auto& day : hours.week) day = {{9 * 60, 17 * 60}};
  config->hours.emplace(HoursName("nine"), hours);
  for (const auto& name : {kBare, kDay, kFull}) config->queues[name].name = name;
  config->queues[kDay].hours = HoursName("nine");
  config->queues[kFull].overflow = {{{}, kDay, {}}};
  return config;
}

struct Fixture {
  Settings settings{three_queues()};
  FixedWaits waits;
  QueueStates states;
  Time now = parse_rfc3339("2026-11-22T16:59:59Z").value();

  std::vector<QueueState> news() { return states.changed(settings, waits, now); }
  /// Told of everything there is to tell now.
  void tell() {
    for (const auto& state : news()) states.told(state);
  }
  std::vector<QueueName> named() {
    std::vector<QueueName> names;
    for (const auto& state : news()) names.push_back(state.queue);
    return names;
  }
  void wait(double seconds) { waits.p50[kFull][ChannelKind::chat] = seconds; }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a queue is told of once, and only when it has hours or overflow rules") {
  CHECK(named() == std::vector{kDay, kFull});
  CHECK(named() == std::vector{kDay, kFull});  // nobody was told yet
  tell();
  CHECK(named().empty());
  states.forget();
  CHECK(named() == std::vector{kDay, kFull});
}

TEST_CASE_FIXTURE(Fixture, "a queue that closes or opens is news, the other one is not") {
  CHECK_FALSE(news().front().closed);
  tell();
  now += std::chrono::seconds(1);
  REQUIRE(named() == std::vector{kDay});
  CHECK(news().front().closed);
  tell();
  CHECK(named().empty());
  now += std::chrono::hours(16);
  REQUIRE(named() == std::vector{kDay});
  CHECK_FALSE(news().front().closed);
}

TEST_CASE_FIXTURE(Fixture, "an estimate is told in milliseconds, of each kind by itself, none as none") {
  wait(90.5);
  const auto told = news().back();
  CHECK(told.wait_ms.at(ChannelKind::chat) == 90'500);
  CHECK(told.wait_ms.at(ChannelKind::email) == 0);
  CHECK(told.wait_ms.at(ChannelKind::form) == 0);
  CHECK(news().front().wait_ms.at(ChannelKind::chat) == 0);
}

TEST_CASE_FIXTURE(Fixture, "an estimate that moved by more than a tenth of what was told is news, up or down") {
  wait(100);
  tell();
  for (const double seconds : {90.0, 110.0}) {
    CAPTURE(seconds);
    wait(seconds);
    CHECK(named().empty());
  }
  for (const double seconds : {89.999, 110.001, 0.0}) {
    CAPTURE(seconds);
    wait(seconds);
    CHECK(named() == std::vector{kFull});
  }
}

TEST_CASE_FIXTURE(Fixture, "an estimate that creeps is news when it is a tenth from what was told, not from its last") {
  wait(100);
  tell();
  wait(106);
  CHECK(named().empty());
  wait(112);
  CHECK(named() == std::vector{kFull});
}

TEST_CASE_FIXTURE(Fixture, "an estimate of any kind is news, also the first one there is") {
  tell();
  waits.p50[kFull][ChannelKind::form] = 0.002;
  CHECK(named() == std::vector{kFull});
}

TEST_CASE_FIXTURE(Fixture, "what the store has lost is news again") {
  tell();
  REQUIRE(named().empty());
  states.forget(kFull);
  CHECK(named() == std::vector{kFull});
}

TEST_CASE("what the script is told leaves out what is open and what is not known") {
  QueueState state{kFull, false, {}};
  CHECK(state.arguments() == R"({"queue":"full"})");
  state.closed = true;
  state.wait_ms = {{ChannelKind::email, 0}, {ChannelKind::chat, 1500}};
  CHECK(state.arguments() == R"({"queue":"full","closed":true,"waits":{"email":0,"chat":1500}})");
}

}  // namespace peyk::routing
