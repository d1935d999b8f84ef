// The simulator against queueing theory: M/M/n and Erlang C, M/M/n+M and Erlang A, over independent seeds.
//
// Options: the number of seeds (20), seconds of each run (50000), the first seed (1).
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/math/distributions/students_t.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "routing/simulation/scratch_store.h"
#include "routing/simulation/simulator.h"
#include "tests/support/loop.h"
#include "tests/support/theory.h"

namespace peyk::test {
namespace {

using routing::simulation::simulate;

struct Figure {
  std::string_view name;
  double QueueFigures::* value;
};

struct Runs {
  int seeds = 20;
  double length = 50'000;  // seconds, after a tenth of it as warm-up
  int first = 1;
};

struct Totals {
  double seconds = 0;
  std::int64_t scripts = 0;
  std::size_t conversations = 0;
};

std::vector<QueueFigures> run(const QueueModel& model, const Runs& asked, Totals& totals) {
  Loop loop;
  auto store = loop.run(routing::simulation::start_scratch_store());
  if (!store) throw std::runtime_error(store.error().message);
  const auto config = theory_config(model);
  std::vector<QueueFigures> runs;
  for (int seed = asked.first; seed < asked.first + asked.seeds; ++seed) {
    const auto day = theory_day(model, static_cast<std::uint64_t>(seed), asked.length / 10, asked.length);
    const auto outcome =
        loop.run(simulate((*store)->client(), {config, &day, static_cast<std::uint64_t>(seed)}), std::chrono::hours(1));
    if (!outcome) throw std::runtime_error(outcome.error().message);
    runs.push_back(measured(*outcome));
    totals.seconds += outcome->seconds;
    totals.scripts += outcome->script_calls;
    totals.conversations += day.arrivals.size();
  }
  loop.run((*store)->stop());
  return runs;
}

void compare(std::string_view title, const QueueModel& model, const std::vector<Figure>& figures, const Runs& asked) {
  Totals totals;
  const auto runs = run(model, asked, totals);
  const auto expected = theory(model);
  fmt::print(
      "\n{}: seeds {} to {}, {:.0f} s each after {:.0f} s of warm-up, {} conversations, {} script calls, {:.1f} s\n",
      title, asked.first, asked.first + asked.seeds - 1, asked.length, asked.length / 10, totals.conversations,
      totals.scripts, totals.seconds);
  fmt::print("{:<14} {:>10} {:>10} {:>12}\n", "", "theory", "measured", "± 95 %");
  const double quantile = boost::math::quantile(boost::math::students_t(asked.seeds - 1), 0.975);
  for (const auto& figure : figures) {
    std::vector<double> values;
    values.reserve(runs.size());
    for (const auto& one : runs) values.push_back(one.*figure.value);
    const auto mean = mean_of(values);
    const double half = quantile * mean.error;
    const double theirs = expected.*figure.value;
    fmt::print("{:<14} {:>10.4f} {:>10.4f} {:>12.4f}  {}\n", figure.name, theirs, mean.value, half,
               std::abs(mean.value - theirs) <= half ? "inside" : "outside");
  }
}

}  // namespace
}  // namespace peyk::test

int main(int argc, char** argv) {
  using peyk::test::QueueFigures;
  spdlog::set_level(spdlog::level::warn);
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  peyk::test::Runs asked;
  if (argc > 1) asked.seeds = std::atoi(arguments[1]);
  if (argc > 2) asked.length = std::atof(arguments[2]);
  if (argc > 3) asked.first = std::atoi(arguments[3]);
  peyk::test::compare("M/M/55, 0.2 arrivals/s of 240 s, Erlang C", {0.2, 240, 55, {}},
                      {{"P(wait)", &QueueFigures::waits},
                       {"mean wait, s", &QueueFigures::mean_wait},
                       {"P(≤ 15 s)", &QueueFigures::within_15}},
                      asked);
  peyk::test::compare("M/M/48+M, 0.2 arrivals/s of 240 s, patience 120 s, Erlang A", {0.2, 240, 48, 120},
                      {{"P(wait)", &QueueFigures::waits},
                       {"mean wait, s", &QueueFigures::mean_wait},
                       {"P(leaves)", &QueueFigures::leaves}},
                      asked);
}
