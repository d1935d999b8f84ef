// From form to the offer on an agent's socket: forms at random times at a given rate, 100 connected agents, a real
// peykd with its private Redis. Prints the time from when a form was due to when its offer was read. Arguments: forms a
// second, seconds a run, and runs (the one with the lowest p99 is printed).
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/daemon.h"
#include "tests/bench/support/figures.h"
#include "tests/bench/support/forms.h"

namespace peyk::bench {
namespace {

constexpr int kAgents = 100;
constexpr std::size_t kClients = 64;
constexpr Seconds kWarmUp(1);
constexpr auto kPatience = std::chrono::seconds(30);

struct Load {
  double rate;
  Seconds duration;
  int runs;
};

FormNumber number_in(std::string_view subject) {
  FormNumber number = 0;
  subject.remove_prefix(subject.find(' ') + 1);
  std::from_chars(subject.data(), subject.data() + subject.size(), number);
  return number;
}

struct Measured {
  Quantiles stored;
  Quantiles offered;
  double busy_daemon = 0;  // share of a core
  double busy_store = 0;
};

class Bench {
 public:
  Bench(const DeskOptions& desk, Habit habit)
      : daemon_(desk), agents_(poller_, daemon_.port(), desk.agents, habit), forms_(poller_, daemon_.port(), kClients) {
    agents_.on_offer([this](std::string_view subject) {
      const auto waited = SteadyClock::now() - forms_.sent(number_in(subject));
      offered_.push_back(std::chrono::duration<double, std::milli>(waited).count());
    });
  }

  Measured run(double rate, Seconds duration) {
    forms_.forget();
    offered_.clear();
    const auto before = daemon_.cpu();
    const auto begin = SteadyClock::now();
    forms_.pace(rate, duration);
    poller_.run_until([this] { return offered_.size() >= forms_.answered(); }, kPatience);
    const Seconds wall = SteadyClock::now() - begin;
    const auto after = daemon_.cpu();
    return {Quantiles(forms_.latencies()), Quantiles(offered_), (after.daemon - before.daemon) / wall,
            (after.store - before.store) / wall};
  }

 private:
  Daemon daemon_;
  Poller poller_;
  AgentSockets agents_;
  FormSenders forms_;
  std::vector<double> offered_;
};

void measure(std::string_view name, const DeskOptions& desk, Habit habit, const Load& load) {
  Bench bench(desk, habit);
  bench.run(load.rate, kWarmUp);
  std::optional<Measured> best;
  for (int run = 0; run < load.runs; ++run) {
    auto measured = bench.run(load.rate, load.duration);
    if (!best || measured.offered.at(0.99) < best->offered.at(0.99)) best = std::move(measured);
  }
  fmt::print("{:<10} {:<18}", desk.durability, name);
  for (const auto* quantiles : {&best->stored, &best->offered}) {
    for (const double share : {0.5, 0.99, 0.999}) fmt::print(" {:>7.2f}", quantiles->at(share));
    fmt::print(" ");
  }
  fmt::print(" {:>8.0f} {:>8.0f}\n", best->busy_daemon * 100, best->busy_store * 100);
  std::fflush(stdout);
}

void run(const Load& load) {
  fmt::print("{} forms a second at random times, {} agents connected\n", load.rate, kAgents);
  fmt::print("{:<29} form to answer, ms        form to offer, ms         busy, % of a core\n", "");
  fmt::print("{:<10} {:<18} {:>7} {:>7} {:>7}  {:>7} {:>7} {:>7}  {:>8} {:>8}\n", "durability", "agents", "p50", "p99",
             "p99.9", "p50", "p99", "p99.9", "peykd", "redis");
  for (const auto* durability : {"disk", "relaxed"}) {
    measure("only look", {.durability = durability, .agents = kAgents}, Habit::look, load);
    measure("accept and resolve", {.durability = durability, .agents = kAgents, .capacity = 100, .weight = 1},
            Habit::work, load);
  }
}

}  // namespace
}  // namespace peyk::bench

int main(int argc, char** argv) {
  peyk::bench::run({.rate = argc > 1 ? std::atof(argv[1]) : 1000.0,
                    .duration = peyk::bench::Seconds(argc > 2 ? std::atof(argv[2]) : 5.0),
                    .runs = argc > 3 ? std::atoi(argv[3]) : 3});
}
