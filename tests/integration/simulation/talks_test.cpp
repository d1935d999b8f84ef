// Days in which customers write again and agents lose their connections, worked out by hand, and a random one.
#include <algorithm>
#include <random>
#include <string>
#include <tuple>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "routing/simulation/simulator.h"
#include "tests/support/simulated_day.h"
#include "tests/support/store.h"

namespace peyk::routing::simulation {
namespace {

using namespace std::chrono_literals;

using test::after;
using test::chat;
using test::kMorning;
using test::shown;

// A chat weighs two units, and one once its customer has been silent for half a minute.
constexpr auto kFrame = R"(kinds: {{chat: {{weight: 2, dormant_weight: 1, dormant_after: 30s}}, email: {{weight: 1}}}}
queues:
  service: {{promise: {{first_reply: 2m, resolve: 2d}}, offer: {{timeout: 10m}}}}
routes:
  - queue: service
agents:
  ani: {{name: Ani, queues: [service], capacity: {0}}}
  bela: {{name: Bela, queues: [service], capacity: {0}}}
presence: {{grace: 30s, reassign_after: 2m}}
)";

Arrival chat(Milliseconds at, Milliseconds handling, std::vector<Turn> turns) {
  auto arrival = chat(at, handling);
  arrival.turns = std::move(turns);
  return arrival;
}

struct Fixture : test::DayFixture {
  Day day = test::day_of(1h);

  void shift(std::string_view agent) { day.shifts.push_back(test::shift(agent, 0s, 1h)); }
  void loses(std::string_view agent, Milliseconds from, Milliseconds to) {
    day.losses.push_back({AgentName(std::string(agent)), kMorning + from, kMorning + to});
  }
  Outcome simulated(int capacity = 3) {
    return DayFixture::simulated(test::desk_of_day(fmt::format(kFrame, capacity)), day);
  }
};

/// Answered, finished, by whom.
std::tuple<std::int64_t, std::int64_t, std::string> seen(const Matter& matter) {
  return {after(matter.answered), after(matter.finished), matter.agent.str()};
}

Day busy_day(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto upto = [&random](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  auto day = test::day_of(2h);
  for (int i = 0; i < 250; ++i) {
    auto arrival = chat(Milliseconds(upto(7'200'000)), Milliseconds(1'000 + upto(60'000)));
    while (upto(2) == 0) arrival.turns.push_back({Milliseconds(upto(300'000)), Milliseconds(upto(40'000))});
    if (upto(3) == 0) arrival.patience = Milliseconds(1 + upto(400'000));
    if (upto(4) == 0) arrival.channel = ChannelName("mail");
    day.arrivals.push_back(std::move(arrival));
  }
  test::sort_arrivals(day);
  day.accept_delay = 3s;
  for (const auto* name : {"ani", "bela"}) {
    const AgentName agent(name);
    day.shifts.push_back({agent, kMorning, kMorning + 5h});
    for (auto at = kMorning + Milliseconds(upto(600'000)); at < day.end; at += Milliseconds(1 + upto(900'000))) {
      const auto back = at + Milliseconds(1 + upto(240'000));
      day.losses.push_back({agent, at, back});
      at = back;
    }
  }
  return day;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a customer writes again: meanwhile he weighs less, and waking he keeps new work away") {
  day.arrivals = {chat(0s, 60s, {{120s, 30s}}), chat(70s, 200s), chat(185s, 10s)};
  shift("ani");
  const auto outcome = simulated();
  CHECK(seen(outcome.matters[0]) == std::tuple(0, 210'000, "ani"));        // 60 + 120 + 30
  CHECK(seen(outcome.matters[1]) == std::tuple(90'000, 290'000, "ani"));   // when the first is dormant
  CHECK(seen(outcome.matters[2]) == std::tuple(290'000, 300'000, "ani"));  // from 180 to 210 four units were carried
  // Two units to 90, three to 180, four to 210, two to 300.
  CHECK(outcome.agents[0].unit_seconds == doctest::Approx(180 + 270 + 120 + 180));
}

TEST_CASE_FIXTURE(Fixture, "many turns: each answer and each message at its time") {
  day.arrivals = {chat(0s, 10s, {{5s, 10s}, {20s, 1s}, {100s, 40s}})};
  shift("ani");
  const auto matter = simulated().matters[0];
  CHECK(seen(matter) == std::tuple(0, 186'000, "ani"));
  CHECK(matter.replies == 3);
}

TEST_CASE_FIXTURE(Fixture, "a short loss costs nothing but what was due in it") {
  day.arrivals = {chat(0s, 60s), chat(100s, 60s)};
  shift("ani");
  loses("ani", 10s, 20s);
  loses("ani", 150s, 170s);
  const auto outcome = simulated();
  CHECK(seen(outcome.matters[0]) == std::tuple(0, 60'000, "ani"));
  CHECK(seen(outcome.matters[1]) == std::tuple(100'000, 170'000, "ani"));
  CHECK(outcome.matters[0].replies == 0);
  CHECK(outcome.agents[0].losses == 2);
  CHECK(outcome.agents[0].lost == 30s);
  CHECK(outcome.agents[1].losses == 0);
}

TEST_CASE_FIXTURE(Fixture, "a long loss: another gets the chat, and begins anew") {
  day.arrivals = {chat(0s, 60s, {{10s, 100s}})};
  shift("ani");
  shift("bela");
  loses("ani", 65s, 290s);
  // He writes again at 70 s; two minutes after the loss it is bela's, who takes a hundred seconds for it.
  CHECK(seen(simulated().matters[0]) == std::tuple(0, 285'000, "bela"));
  // Not answered by the time that was promised it is bela's then, who takes a minute for it; then 10 and 20 s.
  day.arrivals = {chat(0s, 60s, {{10s, 20s}})};
  day.losses.clear();
  loses("ani", 50s, 400s);
  CHECK(seen(simulated().matters[0]) == std::tuple(0, 210'000, "bela"));
}

TEST_CASE_FIXTURE(Fixture, "who rests with an agent who is gone goes to another when he writes") {
  day.arrivals = {chat(0s, 10s, {{200s, 20s}})};
  shift("ani");
  shift("bela");
  loses("ani", 100s, 600s);
  CHECK(seen(simulated().matters[0]) == std::tuple(0, 230'000, "bela"));
}

TEST_CASE_FIXTURE(Fixture, "an offer waits for who is back within his grace, and goes to another after it") {
  day.arrivals = {chat(0s, 10s), chat(300s, 10s)};
  day.accept_delay = 10s;
  shift("ani");
  loses("ani", 5s, 15s);
  loses("ani", 305s, 500s);
  const auto outcome = simulated();
  CHECK(seen(outcome.matters[0]) == std::tuple(25'000, 35'000, "ani"));
  CHECK(seen(outcome.matters[1]) == std::tuple(510'000, 520'000, "ani"));
  CHECK(outcome.matters[0].offers == 1);
  CHECK(outcome.matters[1].offers == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "a busy day of both comes out the same twice, all is finished, and the audit finds nothing") {
  day = busy_day(5);
  const auto outcome = simulated(6);
  CHECK(std::ranges::all_of(outcome.matters, [](const Matter& matter) { return matter.finished.has_value(); }));
  CHECK(std::ranges::any_of(outcome.matters, [](const Matter& matter) { return matter.offers > 1; }));
  test::Store store(server.endpoint(), "simulated");
  store.now = to_unix_ms(day.end) + 86'400'000;
  CHECK(store.audit().empty());
  CHECK(shown(simulated(6)) == shown(outcome));
}

}  // namespace peyk::routing::simulation
