// Who is there when, from a rota or from configured hours.
#include "routing/simulation/rota.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/simulated.h"

namespace peyk::routing::simulation {
namespace {

using test::yerevan;

config::ConfigPtr desk() {
  return test::load_right(test::simulated_desk());
}

RotaEntry named(std::vector<AgentName> agents, int from, int to) {
  RotaEntry entry;
  entry.agents = std::move(agents);
  entry.span = {from * 60, to * 60};
  return entry;
}

RotaEntry of_service(int count, int from, int to) {
  auto entry = named({}, from, to);
  entry.queue = QueueName("service");
  entry.count = count;
  entry.place = {"day.yaml", 3, 5};
  return entry;
}

/// "ani 9-17" in hours after midnight of 2026-11-21 in Yerevan.
std::string shown(const Rota& rota, Period period = {yerevan(0), yerevan(24)}) {
  const auto clock = config::create_local_clock("Asia/Yerevan");
  std::string all;
  for (const auto& shift : lay_out(rota, *desk(), *clock, period)) {
    const auto hour = [](Time at) { return std::chrono::duration<double, std::ratio<3600>>(at - yerevan(0)).count(); };
    all += fmt::format("{}{} {:g}-{:g}", all.empty() ? "" : ", ", shift.agent.str(), hour(shift.from), hour(shift.to));
  }
  return all;
}

}  // namespace

TEST_CASE("without a rota everybody is there: in his configured hours, or all the time") {
  CHECK(shown({}) == "ani 9-17, bela 0-24, cora 0-24");
  CHECK(shown({}, {yerevan(10), yerevan(34)}) == "ani 10-17, ani 33-34, bela 10-34, cora 10-34");
}

TEST_CASE("a rota is the same every day, cut to the period") {
  const Rota rota{named({AgentName("bela")}, 9, 17)};
  CHECK(shown(rota) == "bela 9-17");
  CHECK(shown(rota, {yerevan(12), yerevan(48)}) == "bela 12-17, bela 33-41");
}

TEST_CASE("a shift over midnight is there at the day's beginning and at its end") {
  CHECK(shown({named({AgentName("bela")}, 22, 30)}) == "bela 0-6, bela 22-24");
}

TEST_CASE("shifts of one agent that touch or overlap are one") {
  CHECK(shown({named({AgentName("bela")}, 9, 13), named({AgentName("bela")}, 13, 17),
               named({AgentName("bela")}, 16, 18)}) == "bela 9-18");
}

TEST_CASE("of a queue those are taken who have no shift at that time, the unused ones first") {
  CHECK(shown({of_service(2, 9, 17)}) == "ani 9-17, bela 9-17");
  CHECK(shown({named({AgentName("ani")}, 9, 17), of_service(1, 9, 17)}) == "ani 9-17, bela 9-17");
  CHECK(shown({of_service(1, 9, 17), of_service(2, 17, 20)}) == "ani 9-17, bela 17-20, cora 17-20");
  CHECK(shown({of_service(2, 9, 17), of_service(2, 17, 20)}) == "ani 9-20, bela 9-17, cora 17-20");
}

TEST_CASE("an agent whom the configuration has not is left out") {
  CHECK(shown({named({AgentName("bela"), AgentName("newcomer")}, 9, 17)}) == "bela 9-17");
}

TEST_CASE("what a queue cannot fill is said, with how many it has") {
  const auto problems = unfilled({named({AgentName("ani")}, 12, 13), of_service(3, 9, 17)}, *desk());
  REQUIRE(problems.size() == 1);
  CHECK(to_string(problems[0]) ==
        "day.yaml:3:5: queue \"service\" of peyk.yaml has 2 agents free from 09:00 to 17:00, 3 are wanted");
  CHECK(unfilled({of_service(3, 9, 17)}, *desk()).empty());
}

}  // namespace peyk::routing::simulation
