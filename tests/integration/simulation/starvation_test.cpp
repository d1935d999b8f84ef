// The bound that `peykd --check` states, held against what was passed over on busy days.
#include "config/starvation.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "routing/simulation/simulator.h"
#include "tests/support/simulated_day.h"

namespace peyk::routing::simulation {
namespace {

using namespace std::chrono_literals;

// The language stands for the route. Whoever is free may take any of them.
constexpr std::array<const char*, 4> kLanguages{"hy", "en", "fa", "ru"};
constexpr auto kDesk = R"(urgency: {{exponent: {}}}
queues:
  service: {{promise: {{first_reply: 2m, resolve: 2d}}, offer: {{timeout: 10m}}}}
  billing: {{promise: {{first_reply: 10m, resolve: 2d}}, offer: {{timeout: 10m}}}}
routes:
  - {{when: {{language: hy}}, queue: service, priority: urgent}}
  - {{when: {{language: en}}, queue: service}}
  - {{when: {{language: fa}}, queue: billing, priority: high, promise: {{first_reply: 5m, resolve: 2d}}}}
  - {{when: {{language: ru}}, queue: billing, priority: low}}
  - queue: service
agents:
  ani: {{name: Ani, queues: [service, billing], capacity: 2}}
  bela: {{name: Bela, queues: [service, billing], capacity: 2}}
  cora: {{name: Cora, queues: [service, billing], capacity: 2}}
)";

/// More come than can be answered for a while, then fewer. Names begin with the route's number.
Day rush(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto upto = [&random](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  auto day = test::day_of(6h);
  for (int i = 0; i < 900; ++i) {
    const auto route = upto(4);
    const auto at = i < 600 ? upto(7'200'000) : 7'200'000 + upto(14'400'000);
    auto arrival = test::chat(Milliseconds(at), Milliseconds(30'000 + upto(180'000)));
    arrival.name = fmt::format("{} {}", route, i);
    arrival.language = kLanguages.at(static_cast<std::size_t>(route));
    day.arrivals.push_back(std::move(arrival));
  }
  test::sort_arrivals(day);
  for (const auto* agent : {"ani", "bela", "cora"}) day.shifts.push_back(test::shift(agent, 0s, 12h));
  return day;
}

std::size_t route_of(const Matter& matter) {
  return static_cast<std::size_t>(matter.name.front() - '0');
}

/// How often one that waited was passed by one that came later, and whether after its bound.
struct Passed {
  int before_bound = 0;
  int after_bound = 0;
  int waited_past = 0;  // longer than the bound
  std::string first;    // of those that were passed after it
};

Passed look(const Outcome& outcome, const std::vector<config::StarvationBound>& bounds) {
  Passed passed;
  for (const auto& one : outcome.matters) {
    const auto bound = bounds.at(route_of(one)).bound;
    if (*one.offered - one.arrived > bound) ++passed.waited_past;
    for (const auto& other : outcome.matters) {
      if (other.arrived <= one.arrived || *other.offered >= *one.offered) continue;
      // Where others are answered within k times their promise, so is the bound k times as long.
      const auto late = static_cast<double>((*other.offered - other.arrived).count()) /
                        static_cast<double>(bounds.at(route_of(other)).promise.count());
      const auto waited = static_cast<double>((*other.offered - one.arrived).count());
      if (waited <= std::max(1.0, late) * static_cast<double>(bound.count())) {
        ++passed.before_bound;
      } else if (++passed.after_bound == 1) {
        passed.first = fmt::format("{} by {} after {} ms", one.name, other.name, waited);
      }
    }
  }
  return passed;
}

}  // namespace

TEST_CASE_FIXTURE(test::DayFixture,
                  "on a day of too much work nobody is passed any more once he has waited as long as is stated") {
  for (const std::string exponent : {"1", "2"}) {
    CAPTURE(exponent);
    const auto config = test::desk_of_day(fmt::format(kDesk, exponent));
    const auto bounds = config::starvation_bounds(*config, test::kMorning);
    const auto outcome = simulated(config, rush(7));
    REQUIRE(std::ranges::all_of(outcome.matters, [](const Matter& matter) { return matter.offered.has_value(); }));
    const auto passed = look(outcome, bounds);
    CHECK_MESSAGE(passed.after_bound == 0, passed.first);
    // It was such a day: many were passed before it, and some waited longer.
    CHECK(passed.before_bound > 1'000);
    CHECK(passed.waited_past > 10);
  }
}

}  // namespace peyk::routing::simulation
