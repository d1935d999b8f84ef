// Days small enough to be worked out by hand, and a random one.
#include "routing/simulation/simulator.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <tuple>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "routing/simulation/scratch_store.h"
#include "tests/support/simulated_day.h"
#include "tests/support/store.h"

namespace peyk::routing::simulation {
namespace {

using namespace std::chrono_literals;

using test::after;
using test::chat;
using test::day_of;
using test::kMorning;
using test::shift;
using test::shown;

constexpr auto kFrame = R"(kinds: {{chat: {{weight: 1}}, email: {{weight: 1}}}}
skills: [hy]
hours: {{day: {{timezone: UTC, week: {{mon-sun: "08:00-16:00"}}}}}}
queues:
  service: {{promise: {{first_reply: 2m, resolve: 2d}}{}}}
  night: {{promise: {{first_reply: 2m, resolve: 2d}}}}
routes:
  - queue: service{}
agents:
  ani: {{name: Ani, queues: [service], capacity: {}}}
  bela: {{name: Bela, queues: [service], capacity: 1}}
)";

config::ConfigPtr desk(std::string_view queue = "", std::string_view route = "", int capacity = 1) {
  return test::desk_of_day(fmt::format(kFrame, queue, route, capacity));
}

Arrival chat(Milliseconds at, Milliseconds handling, Milliseconds patience) {
  auto arrival = chat(at, handling);
  arrival.patience = patience;
  return arrival;
}

/// Two hours of three queues' worth of traffic: more than the agents can take, then less.
Day random_day(std::uint32_t seed) {
  std::mt19937 random(seed);
  auto day = day_of(2h);
  const auto upto = [&random](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  for (int i = 0; i < 300; ++i) {
    auto arrival = chat(Milliseconds(upto(7'200'000)), Milliseconds(1'000 + upto(90'000)));
    if (upto(3) > 0) arrival.patience = Milliseconds(upto(400'000));
    if (upto(4) == 0) arrival.channel = ChannelName("mail");
    if (upto(5) == 0) arrival.queue = QueueName("night");
    if (upto(3) == 0) arrival.language = "hy";
    day.arrivals.push_back(arrival);
  }
  test::sort_arrivals(day);
  day.shifts = {shift("ani", 5min, 50min), shift("ani", 70min, 3h), shift("bela", 20min, 4h)};
  day.accept_delay = 3s;
  return day;
}

}  // namespace

TEST_CASE_FIXTURE(test::DayFixture, "two agents and three chats: every time is the one worked out by hand") {
  auto day = day_of(200s);
  day.arrivals = {chat(0s, 60s), chat(10s, 30s), chat(20s, 40s)};
  day.shifts = {shift("ani", 0s, 200s), shift("bela", 0s, 200s)};
  day.accept_delay = 2s;
  const auto outcome = simulated(desk(", wrap_up: 20s"), day);
  REQUIRE(outcome.matters.size() == 3);
  const auto times = [&](std::size_t i) {
    const auto& matter = outcome.matters[i];
    return std::tuple(after(matter.offered), after(matter.answered), after(matter.finished), matter.agent.str());
  };
  CHECK(times(0) == std::tuple(0, 2'000, 62'000, "ani"));
  CHECK(times(1) == std::tuple(10'000, 12'000, 42'000, "bela"));
  CHECK(times(2) == std::tuple(62'000, 64'000, 104'000, "bela"));  // when her wrap-up ended
  CHECK(outcome.matters[2].promise == 2min);
  REQUIRE(outcome.agents.size() == 2);
  CHECK(outcome.agents[0].unit_seconds == doctest::Approx(82));
  CHECK(outcome.agents[0].idle == 118s);
  CHECK(outcome.agents[1].unit_seconds == doctest::Approx(52 + 62));
  CHECK(outcome.agents[1].idle == 86s);
  CHECK(outcome.agents[1].present == 200s);
  CHECK(outcome.agents[1].offered == 2);
  std::map<std::int64_t, int> waiting;
  for (const auto& sample : outcome.samples) {
    if (sample.queue == QueueName("service")) waiting[(sample.at - kMorning) / 1min] = sample.waiting;
  }
  CHECK(waiting == std::map<std::int64_t, int>{{0, 0}, {1, 1}, {2, 0}, {3, 0}});
}

TEST_CASE_FIXTURE(test::DayFixture,
                  "a customer without patience leaves while he waits or is offered; who is answered stays") {
  auto day = day_of(10min);
  day.arrivals = {chat(0s, 100s), chat(1s, 10s, 30s), chat(2s, 300s, 200s), chat(500s, 10s, 4s)};
  day.shifts = {shift("ani", 0s, 10min)};
  day.accept_delay = 5s;
  const auto outcome = simulated(desk(), day);
  CHECK(after(outcome.matters[0].finished) == 105'000);
  CHECK(outcome.matters[1].abandoned);
  CHECK(after(outcome.matters[1].finished) == 31'000);
  CHECK(after(outcome.matters[1].offered) == -1);
  CHECK(!outcome.matters[2].abandoned);
  CHECK(after(outcome.matters[2].answered) == 110'000);
  CHECK(after(outcome.matters[2].finished) == 410'000);
  CHECK(outcome.matters[3].abandoned);
  CHECK(after(outcome.matters[3].offered) == 500'000);
  CHECK(after(outcome.matters[3].finished) == 504'000);
  REQUIRE(outcome.agents.size() == 2);
  CHECK(outcome.agents[0].offered == 3);
  CHECK(outcome.agents[0].answered == 2);
  CHECK(outcome.agents[0].abandoned == 1);
  CHECK(outcome.matters[1].left_while_offered_to.empty());
  CHECK(outcome.matters[3].left_while_offered_to == std::vector{AgentName("ani")});
}

TEST_CASE_FIXTURE(test::DayFixture,
                  "at the end of a shift offers go back and what is in hand is finished; nothing new comes") {
  auto day = day_of(400s);
  day.arrivals = {chat(10s, 100s), chat(48s, 10s), chat(60s, 10s)};
  day.shifts = {shift("ani", 0s, 50s), shift("ani", 200s, 300s)};
  day.accept_delay = 5s;
  const auto outcome = simulated(desk("", "", 2), day);
  CHECK(after(outcome.matters[0].finished) == 115'000);
  CHECK(after(outcome.matters[1].offered) == 48'000);
  CHECK(after(outcome.matters[1].answered) == 205'000);
  CHECK(outcome.matters[1].offers == 2);
  CHECK(after(outcome.matters[2].offered) == 200'000);
  CHECK(outcome.agents[0].present == 115s + 100s);
}

TEST_CASE_FIXTURE(test::DayFixture, "what nobody is left to answer stays open, and the simulation ends") {
  auto day = day_of(60s);
  day.arrivals = {chat(10s, 10s), chat(20s, 10s)};
  day.shifts = {shift("ani", 0s, 15s)};
  const auto outcome = simulated(desk(), day);
  CHECK(after(outcome.matters[0].finished) == 20'000);
  CHECK(after(outcome.matters[1].finished) == -1);
  CHECK(!outcome.matters[1].abandoned);
}

TEST_CASE_FIXTURE(test::DayFixture, "what is open at the end is worked off, and warm-up is not counted") {
  auto day = day_of(60s);
  day.arrivals = {chat(-30s, 50s), chat(10s, 500s)};
  day.shifts = {shift("ani", -60s, 1h)};
  const auto outcome = simulated(desk(), day);
  REQUIRE(outcome.matters.size() == 1);
  CHECK(after(outcome.matters[0].answered) == 20'000);
  CHECK(after(outcome.matters[0].finished) == 520'000);
  CHECK(outcome.agents[0].present == 60s);
  CHECK(outcome.agents[0].idle == 0s);
  CHECK(outcome.agents[0].answered == 1);
}

TEST_CASE_FIXTURE(test::DayFixture, "a preference is insisted on for its time and dropped at the millisecond") {
  auto day = day_of(10min);
  day.arrivals = {chat(5s, 10s)};
  day.shifts = {shift("ani", 0s, 10min)};
  const auto outcome = simulated(desk("", "\n    prefer: [{skills: {hy: 3}, for: 90s}]"), day);
  CHECK(after(outcome.matters[0].offered) == 95'000);
}

TEST_CASE_FIXTURE(test::DayFixture, "queues close and open at their hours") {
  auto day = day_of(2h);
  day.arrivals = {chat(59min, 10s), chat(61min, 10s)};
  const auto outcome = simulated(desk(", hours: day, overflow: [{when: {hours: closed}, to: night}]"), day);
  CHECK(outcome.matters[0].queue == QueueName("night"));
  CHECK(outcome.matters[1].queue == QueueName("service"));
}

TEST_CASE_FIXTURE(test::DayFixture, "queues overflow on the estimated wait") {
  auto day = day_of(2h);
  for (int i = 0; i < 200; ++i) day.arrivals.push_back(chat(i * 20s, 60s));
  day.shifts = {shift("ani", 0s, 2h)};
  const auto outcome = simulated(desk(", overflow: [{when: {wait: 5m}, to: night}]"), day);
  const auto moved = std::ranges::count(outcome.matters, QueueName("night"), &Matter::queue);
  CHECK(moved > 50);
  CHECK(moved < 180);
}

TEST_CASE_FIXTURE(test::DayFixture,
                  "who would be the first to wait is told so too: all are busy, though nobody waits") {
  auto day = day_of(3h);
  for (int i = 0; i < 15; ++i) day.arrivals.push_back(chat(i * 400s, 300s));  // the last one keeps her busy
  day.arrivals.push_back(chat(14 * 400s + 45s, 300s));
  day.shifts = {shift("ani", 0s, 3h)};
  const auto outcome = simulated(desk(", overflow: [{when: {wait: 60s}, to: night}]"), day);
  CHECK(outcome.matters[14].queue == QueueName("service"));
  CHECK(outcome.matters[15].queue == QueueName("night"));
}

TEST_CASE_FIXTURE(test::DayFixture, "the same day under the same seed comes out the same, on another server too") {
  const auto config = desk(", wrap_up: 10s, overflow: [{when: {waiting: 20}, to: night}]",
                           "\n    prefer: [{skills: {hy: 3}, for: 90s}]", 3);
  const auto day = random_day(7);
  const auto first = shown(simulated(config, day));
  CHECK(shown(simulated(config, day)) == first);
  const test::RedisServer other;
  CHECK(shown(test::run_day(loop, other, config, day)) == first);
  CHECK(first.find("true") != std::string::npos);
}

TEST_CASE_FIXTURE(test::DayFixture,
                  "after a random day the audit finds nothing, and nobody carries anything that is not there") {
  const auto day = random_day(11);
  const auto outcome = simulated(desk(", wrap_up: 10s, offer: {parallel: 2}", "", 3), day);
  CHECK(std::ranges::any_of(outcome.agents, [](const auto& agent) { return agent.offered > agent.answered; }));
  test::Store store(server.endpoint(), "simulated");
  store.now = to_unix_ms(day.end);
  for (const auto& matter : outcome.matters) {
    if (matter.finished) store.now = std::max(store.now, to_unix_ms(*matter.finished));
  }
  CHECK(store.audit().empty());
}

TEST_CASE_FIXTURE(test::DayFixture, "a day that names what the configuration has not is refused") {
  auto day = day_of(60s);
  day.arrivals = {chat(1s, 1s)};
  day.arrivals[0].channel = ChannelName("fax");
  const auto refused = test::attempt_day(loop, server, desk(), day);
  REQUIRE(!refused);
  CHECK(refused.error().code == ErrorCode::invalid);
  CHECK(refused.error().message == "chat at 1000: the configuration has no channel fax");
}

TEST_CASE("a scratch store runs a day, and leaves nothing behind") {
  test::Loop loop;
  auto scratch = loop.run(start_scratch_store());
  REQUIRE_MESSAGE(scratch.has_value(), scratch.error().message);
  auto day = day_of(60s);
  day.arrivals = {chat(1s, 1s)};
  day.shifts = {shift("ani", 0s, 60s)};
  const auto outcome = loop.run(simulate((*scratch)->client(), {desk(), &day, 1}));
  REQUIRE_MESSAGE(outcome.has_value(), outcome.error().message);
  CHECK(after(outcome->matters[0].finished) == 2'000);
  const auto folder = loop.run((*scratch)->client().call({"CONFIG", "GET", "dir"}))->items.at(1).text;
  CHECK(std::filesystem::exists(folder));
  loop.run((*scratch)->stop());
  CHECK(!std::filesystem::exists(folder));
}

}  // namespace peyk::routing::simulation
