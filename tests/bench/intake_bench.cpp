// From form to stored and routed: 64 clients who each send the next form when the last is answered, against a real
// peykd with its private Redis. Prints forms a second, how long an answer took, and the CPU time of daemon and store a
// form; for scale, the same requests against the bare HTTP server of base/net. Arguments: seconds a run, runs (the best
// is printed), and a part of the names of those to be measured alone.
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/bare_server.h"
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

struct Runs {
  Seconds duration;
  int count;
  std::string_view only;

  bool wanted(std::string_view name) const { return name.find(only) != std::string_view::npos; }
};

struct Measured {
  double rate = 0;
  double p50 = 0;
  double p99 = 0;
  double daemon_us = 0;
  double store_us = 0;
  std::uint64_t refused = 0;
};

template <typename Server>
Measured flood(FormSenders& forms, const Server& server, Seconds duration) {
  forms.forget();
  const auto before = server.cpu();
  const auto begin = SteadyClock::now();
  forms.flood(duration);
  const Seconds wall = SteadyClock::now() - begin;
  const auto after = server.cpu();
  const auto count = static_cast<double>(forms.answered());
  const Quantiles latencies(forms.latencies());
  return {count / wall.count(),
          latencies.at(0.5),
          latencies.at(0.99),
          (after.daemon - before.daemon).count() * 1e6 / count,
          (after.store - before.store).count() * 1e6 / count,
          forms.refused()};
}

template <typename Server>
Measured best_flood(Poller& poller, const Server& server, const Runs& runs) {
  FormSenders forms(poller, server.port(), kClients);
  forms.flood(kWarmUp);
  Measured best;
  for (int run = 0; run < runs.count; ++run) {
    const auto measured = flood(forms, server, runs.duration);
    if (measured.rate > best.rate) best = measured;
  }
  return best;
}

void print(std::string_view durability, std::string_view name, const Measured& measured, std::uint64_t offers) {
  fmt::print("{:<10} {:<40} {:>8.0f} {:>8.1f} {:>8.1f} {:>9.0f} {:>9.0f} {:>8} {:>9}\n", durability, name,
             measured.rate, measured.p50, measured.p99, measured.daemon_us, measured.store_us, measured.refused,
             offers);
  std::fflush(stdout);
}

void measure(const Scene& scene, const Runs& runs) {
  if (!runs.wanted(scene.name)) return;
  const Daemon daemon(scene.desk);
  Poller poller;
  std::optional<AgentSockets> agents;
  if (scene.desk.agents > 0) agents.emplace(poller, daemon.port(), scene.desk.agents, scene.habit);
  const auto best = best_flood(poller, daemon, runs);
  print(scene.desk.durability, scene.name, best, agents ? agents->offers() : 0);
}

void measure_bare(std::string_view name, const BareOptions& options, const Runs& runs) {
  if (!runs.wanted(name)) return;
  const BareServer server(options);
  Poller poller;
  const auto* const durability = options.calls == 0 ? "-" : options.aof ? "disk" : "no AOF";
  print(durability, name, best_flood(poller, server, runs), 0);
}

void run(const Runs& runs) {
  fmt::print("{:<10} {:<40} {:>8} {:>8} {:>8} {:>9} {:>9} {:>8} {:>9}\n", "durability", "agents", "forms/s", "p50 ms",
             "p99 ms", "peykd µs", "redis µs", "refused", "offers");
  for (const auto* durability : {"disk", "relaxed"}) {
    measure({"nobody there: every form waits", {.durability = durability}}, runs);
    measure({"100 with room: every form is offered", {.durability = durability, .agents = 100}}, runs);
    measure({"100 who accept and resolve at once",
             {.durability = durability, .agents = 100, .capacity = 40, .weight = 1},
             Habit::work},
            runs);
    measure({"nobody there, a receipt is mailed", {.durability = durability, .mail = true}}, runs);
  }
  measure_bare("bare server, no call of the store", {.calls = 0}, runs);
  measure_bare("bare server, two script calls", {.calls = 2, .aof = true}, runs);
  measure_bare("bare server, two script calls", {.calls = 2, .aof = false}, runs);
}

}  // namespace
}  // namespace peyk::bench

int main(int argc, char** argv) {
  peyk::bench::run({.duration = peyk::bench::Seconds(argc > 1 ? std::atof(argv[1]) : 4.0),
                    .count = argc > 2 ? std::atoi(argv[2]) : 3,
                    .only = argc > 3 ? argv[3] : ""});
}
