// From form to stored and routed: 64 clients who each send the next form when the last is answered, against a real
// peykd with its private Redis. Prints forms a second, how long an answer took, and the CPU time of daemon and store a
// form. Arguments: seconds a run, and runs (the best is printed).
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/daemon.h"
#include "tests/bench/support/figures.h"
#include "tests/bench/support/forms.h"

namespace peyk::bench {
namespace {

constexpr std::size_t kClients = 64;
constexpr Seconds kWarmUp(0.5);

struct Scene {
  std::string_view name;
  DeskOptions desk;
  Habit habit = Habit::look;
};

struct Measured {
  double rate = 0;
  double p50 = 0;
  double p99 = 0;
  double daemon_us = 0;
  double store_us = 0;
  std::uint64_t refused = 0;
};

Measured flood(FormSenders& forms, const Daemon& daemon, Seconds duration) {
  forms.forget();
  const auto before = daemon.cpu();
  const auto begin = SteadyClock::now();
  forms.flood(duration);
  const Seconds wall = SteadyClock::now() - begin;
  const auto after = daemon.cpu();
  const auto count = static_cast<double>(forms.answered());
  const Quantiles latencies(forms.latencies());
  return {count / wall.count(),
          latencies.at(0.5),
          latencies.at(0.99),
          (after.daemon - before.daemon).count() * 1e6 / count,
          (after.store - before.store).count() * 1e6 / count,
          forms.refused()};
}

void measure(const Scene& scene, Seconds duration, int runs) {
  const Daemon daemon(scene.desk);
  Poller poller;
  std::optional<AgentSockets> agents;
  if (scene.desk.agents > 0) agents.emplace(poller, daemon.port(), scene.desk.agents, scene.habit);
  FormSenders forms(poller, daemon.port(), kClients);
  forms.flood(kWarmUp);
  Measured best;
  for (int run = 0; run < runs; ++run) {
    const auto measured = flood(forms, daemon, duration);
    if (measured.rate > best.rate) best = measured;
  }
  fmt::print("{:<10} {:<38} {:>8.0f} {:>8.1f} {:>8.1f} {:>11.0f} {:>10.0f} {:>8} {:>9}\n", scene.desk.durability,
             scene.name, best.rate, best.p50, best.p99, best.daemon_us, best.store_us, best.refused,
             agents ? agents->offers() : 0);
  std::fflush(stdout);
}

void run(Seconds duration, int runs) {
  fmt::print("{:<10} {:<38} {:>8} {:>8} {:>8} {:>11} {:>10} {:>8} {:>9}\n", "durability", "agents", "forms/s", "p50 ms",
             "p99 ms", "peykd µs", "redis µs", "refused", "offers");
  for (const auto* durability : {"disk", "relaxed"}) {
    measure({"nobody there: every form waits", {.durability = durability}}, duration, runs);
    measure({"100 with room: every form is offered", {.durability = durability, .agents = 100}}, duration, runs);
    measure({"100 accept and resolve each",
             {.durability = durability, .agents = 100, .capacity = 40, .weight = 1},
             Habit::work},
            duration, runs);
    measure({"nobody there, receipt mailed", {.durability = durability, .mail = true}}, duration, runs);
  }
}

}  // namespace
}  // namespace peyk::bench

int main(int argc, char** argv) {
  const peyk::bench::Seconds duration(argc > 1 ? std::atof(argv[1]) : 4.0);
  peyk::bench::run(duration, argc > 2 ? std::atoi(argv[2]) : 3);
}
