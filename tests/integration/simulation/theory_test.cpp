// The simulator against queueing theory: two seeds each; `scripts/bench theory` does twenty.
#include "tests/support/theory.h"

#include <stdexcept>

#include <doctest/doctest.h>

#include "routing/simulation/scratch_store.h"
#include "routing/simulation/simulator.h"
#include "tests/support/loop.h"

namespace peyk::test {
namespace {

using namespace std::chrono_literals;

constexpr QueueModel kErlangC{0.2, 240, 55, {}};
constexpr QueueModel kErlangA{0.2, 240, 48, 120};

/// Nothing but the days is left to chance: everybody is answered just when a queue in order of arrival has him
/// answered.
void check_order(const routing::simulation::Day& day, const routing::simulation::Outcome& outcome, int agents) {
  const auto answers = first_come_first_served(day, agents);
  const auto skipped = answers.size() - outcome.matters.size();  // of the warm-up
  std::size_t others = 0;
  for (std::size_t i = 0; i < outcome.matters.size(); ++i) {
    others += outcome.matters[i].answered == answers[i + skipped] ? 0U : 1U;
  }
  CHECK(others == 0);
}

struct Fixture {
  Loop loop;
  std::unique_ptr<routing::simulation::ScratchStore> store;

  Fixture() {
    auto started = loop.run(routing::simulation::start_scratch_store());
    if (!started) throw std::runtime_error(started.error().message);
    store = std::move(*started);
  }
  ~Fixture() { loop.run(store->stop()); }

  /// One figure by batches of two seeds, each batch many times longer than a queue of these remembers.
  template <typename Figure>
  std::vector<std::vector<double>> batches(const QueueModel& model, std::initializer_list<Figure> figures) {
    constexpr double kBatch = 3000;
    constexpr std::size_t kBatches = 5;
    std::vector<std::vector<double>> values(figures.size());
    for (const std::uint64_t seed : {1U, 2U}) {
      const auto day = theory_day(model, seed, 2000, kBatch * kBatches);
      const auto outcome =
          loop.run(routing::simulation::simulate(store->client(), {theory_config(model), &day, seed}), 600s);
      if (!outcome) throw std::runtime_error(outcome.error().message);
      check_order(day, *outcome, model.agents);
      for (std::size_t batch = 0; batch < kBatches; ++batch) {
        const auto seen = measured(*outcome, batch, kBatches);
        auto* into = values.data();
        for (const auto figure : figures) (into++)->push_back(seen.*figure);
      }
    }
    return values;
  }
};

void check_near(const std::vector<double>& batches, double theory) {
  const auto mean = mean_of(batches);
  CAPTURE(theory);
  CAPTURE(mean.value);
  CAPTURE(mean.error);
  CHECK(std::abs(mean.value - theory) < 5 * mean.error);
  CHECK(mean.error < theory);  // else it would say nothing
}

}  // namespace

TEST_CASE("the formulas give the known figures") {
  const auto c = theory(kErlangC);
  CHECK(c.waits == doctest::Approx(.2387).epsilon(.0005));
  CHECK(c.mean_wait == doctest::Approx(8.18).epsilon(.001));
  CHECK(c.within_15 == doctest::Approx(.8459).epsilon(.0005));
  const auto a = theory(kErlangA);
  CHECK(a.waits == doctest::Approx(.437).epsilon(.001));
  CHECK(a.mean_wait == doctest::Approx(8.08).epsilon(.001));
  CHECK(a.leaves == doctest::Approx(.0673).epsilon(.001));
}

TEST_CASE_FIXTURE(Fixture, "M/M/n meets Erlang C") {
  const auto expected = theory(kErlangC);
  const auto seen = batches(kErlangC, {&QueueFigures::waits, &QueueFigures::mean_wait, &QueueFigures::within_15});
  check_near(seen[0], expected.waits);
  check_near(seen[1], expected.mean_wait);
  check_near(seen[2], expected.within_15);
}

TEST_CASE_FIXTURE(Fixture, "M/M/n with patience meets Erlang A") {
  const auto expected = theory(kErlangA);
  const auto seen = batches(kErlangA, {&QueueFigures::waits, &QueueFigures::mean_wait, &QueueFigures::leaves});
  check_near(seen[0], expected.waits);
  check_near(seen[1], expected.mean_wait);
  check_near(seen[2], expected.leaves);
}

}  // namespace peyk::test
