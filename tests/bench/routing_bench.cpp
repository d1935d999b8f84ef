// The routing engine's figures: decisions and whole cycles a second, their latencies, flatness in agents and backlog,
// memory a waiting conversation, and beside them the bare cost of as many Redis commands in one script.
//
// Option: `quick` leaves the largest desks out; `memory`: the memory alone; a number: a desk of so many agents alone,
// and the best of many short runs, for comparing two builds on a busy machine.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "tests/bench/support/figures.h"
#include "tests/bench/support/floor.h"

namespace peyk::bench {
namespace {

constexpr int kRounds = 20'000;
constexpr int kWindows = 10;

/// What the server has done so far.
struct Work {
  double cpu_micros = 0;
  std::uint64_t calls = 0;     // of scripts
  std::uint64_t commands = 0;  // by them
};

double number_after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  return at == std::string_view::npos ? 0 : std::stod(std::string(text.substr(at + mark.size(), 30)));
}

Work work_of(const test::RedisServer& server) {
  const auto cpu = server.command({"INFO", "cpu"}).text;
  Work work;
  work.cpu_micros = 1e6 * (number_after(cpu, "used_cpu_user:") + number_after(cpu, "used_cpu_sys:"));
  const auto stats = server.command({"INFO", "commandstats"}).text;
  for (auto at = stats.find("cmdstat_"); at != std::string::npos; at = stats.find("cmdstat_", at + 1)) {
    const auto line = std::string_view(stats).substr(at, stats.find('\n', at) - at);
    const auto count = static_cast<std::uint64_t>(number_after(line, "calls="));
    const bool script = line.starts_with("cmdstat_fcall") || line.starts_with("cmdstat_eval");
    (script ? work.calls : work.commands) += count;
  }
  return work;
}

/// One line of the table. Other work on the host slows all of it for moments or minutes: the best of the windows that
/// the rounds are cut into is what the program itself takes.
struct Row {
  double per_second = 0;
  double best_per_second = 0;  // of a window
  double cpu_micros = 0;       // of Redis, for one
  double best_micros = 1e9;    // of a window
  double calls = 0;
  double commands = 0;
  std::array<double, 4> latency{};  // of a call, µs: p50, p95, p99, p99.9
};

void print(std::string_view label, const Row& row) {
  fmt::print("{:<40} {:>8.0f} {:>8.0f} {:>8.1f} {:>8.1f} {:>6.1f} {:>8.1f}", label, row.per_second, row.best_per_second,
             row.cpu_micros, row.best_micros, row.calls, row.commands);
  for (const auto latency : row.latency) fmt::print(" {:>8.0f}", latency);
  fmt::print("\n");
  std::fflush(stdout);
}

std::array<double, 4> quantiles(const std::vector<double>& micros) {
  const Quantiles of(micros);
  return {of.at(0.5), of.at(0.95), of.at(0.99), of.at(0.999)};
}

/// Measures `rounds` rounds by `callers`.
Row measure(const test::RedisServer& server, StoreDesk& desk, Load load, const Worker& worker) {
  desk.micros.clear();
  Row row;
  const auto before = work_of(server);
  auto last = before;
  double seconds = 0;
  const int window = load.rounds / kWindows;
  for (int i = 0; i < kWindows; ++i) {
    const auto passed = desk.all({window, load.callers}, worker);
    const auto now = work_of(server);
    row.best_per_second = std::max(row.best_per_second, window / passed);
    row.best_micros = std::min(row.best_micros, (now.cpu_micros - last.cpu_micros) / window);
    seconds += passed;
    last = now;
  }
  const double rounds = window * kWindows;
  row.per_second = rounds / seconds;
  row.cpu_micros = (last.cpu_micros - before.cpu_micros) / rounds;
  row.calls = static_cast<double>(last.calls - before.calls) / rounds;
  row.commands = static_cast<double>(last.commands - before.commands) / rounds;
  row.latency = quantiles(desk.micros);
  return row;
}

struct Pair {
  Row cycle, decision;
};

Pair bench(Scene& scene, std::string_view label) {
  Pair rows;
  rows.cycle = measure(scene.server, scene.desk, {kRounds}, scene.cycling());
  print(fmt::format("cycle, {}", label), rows.cycle);
  rows.decision = measure(scene.server, scene.desk, {kRounds}, scene.arriving());
  print(fmt::format("decision, {}", label), rows.decision);
  return rows;
}

Pair bench_agents(int agents) {
  Scene scene(agents, kRounds / 5);
  return bench(scene, fmt::format("{} agents", agents));
}

/// 1,000 agents, from nothing waiting to a million.
std::vector<Pair> bench_backlog(const std::vector<int>& backlogs) {
  Scene scene(1000, kRounds / 5);
  std::vector<Pair> rows;
  for (const int waiting : backlogs) {
    scene.fill(waiting);
    rows.push_back(bench(scene, fmt::format("1000 agents, {} waiting", waiting)));
  }
  print("one caller: cycle, the same desk", measure(scene.server, scene.desk, {2000, 1}, scene.cycling()));
  return rows;
}

/// Bytes of a waiting conversation, apart from its events, and of those.
void bench_memory(int conversations) {
  const test::RedisServer server;
  StoreDesk desk(server);
  Floor floor(desk, 100);
  std::deque<Offer> none;
  const auto arriving = [&](int times) { return arrivals(floor, times, &none); };
  desk.all({1000}, arriving);
  const auto events = [&] {
    const auto size = server.command({"MEMORY", "USAGE", "peyk:{bench}:events", "SAMPLES", "0"}).integer;
    return static_cast<double>(size);
  };
  const auto events_before = events();
  const auto before = static_cast<double>(desk.memory()) - events_before;
  desk.all({conversations}, arriving);
  const auto events_after = events();
  const auto bytes = static_cast<double>(desk.memory()) - events_after - before;
  fmt::print(
      "\na waiting conversation with a {}-character message, its new contact, delivery key and timer: {:.0f} bytes; its "
      "events, trimmed by age: {:.0f} bytes\n",
      kText.size(), bytes / conversations, (events_after - events_before) / conversations);
}

asio::awaitable<void> bare(redis::Client& client, const redis::Script& script, int commands, int times) {
  for (int i = 0; i < times; ++i) {
    std::vector<std::string> arguments{std::to_string(commands / 4), std::to_string(i)};
    auto reply = co_await client.eval(script, {"peyk:{bench}:bare"}, std::move(arguments));
    if (!reply) std::abort();
  }
}

/// As many commands as those of `row`, and nothing else, in one script.
void bench_bare(std::string_view label, const Row& row) {
  const test::RedisServer server;
  StoreDesk desk(server);
  const auto script = redis::make_script("bare", R"(
    local hash, set, at = KEYS[1] .. ':hash:' .. ARGV[2] % 1000, KEYS[1] .. ':set', ARGV[2]
    for i = 1, ARGV[1] do
      redis.call('HGET', hash, 'field')
      redis.call('HSET', hash, 'field', at)
      redis.call('ZADD', set, at, hash)
      redis.call('ZRANGE', set, 0, 0)
    end
    return 1)");
  const int commands = static_cast<int>(row.commands + 2) / 4 * 4;
  const auto worker = [&](int times) { return bare(desk.client(), script, commands, times); };
  auto alone = measure(server, desk, {kRounds}, worker);
  print(fmt::format("bare: {} commands in one script", commands), alone);
  fmt::print("{:<40} Peyk's own share: {:.0f} %\n", label, 100 * (1 - alone.best_micros / row.best_micros));
}

void print_flatness(std::string_view what, const Pair& from, const Pair& to) {
  fmt::print("{:<40} cycle × {:.2f}, decision × {:.2f} (CPU time of Redis, best windows)\n", what,
             to.cycle.best_micros / from.cycle.best_micros, to.decision.best_micros / from.decision.best_micros);
}

void probe(int agents) {
  spdlog::set_level(spdlog::level::warn);
  Scene scene(agents, kRounds / 5);
  for (const bool cycle : {true, false}) {
    Row best;
    for (int i = 0; i < 4; ++i) {
      const auto row = measure(scene.server, scene.desk, {kRounds / 4}, cycle ? scene.cycling() : scene.arriving());
      if (row.best_micros < best.best_micros) best = row;
    }
    fmt::print("{}, {} agents: {:.1f} µs of Redis, {:.0f} a second\n", cycle ? "cycle" : "decision", agents,
               best.best_micros, best.best_per_second);
  }
}

void run(bool quick) {
  spdlog::set_level(spdlog::level::warn);
  fmt::print(
      "{} queues, 3 kinds, {} skills and {} queues an agent; {} callers on one connection, Redis on the same machine\n"
      "cycle: arrive, offer, accept, resolve (2 decisions); decision: a new conversation seeks an agent, and is offered "
      "or waits\n\n",
      kQueues, kSkills, kQueuesOfAgent, kCallers);
  fmt::print("{:<40} {:>8} {:>8} {:>8} {:>8} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "", "a second", "best", "Redis µs",
             "best", "calls", "commands", "p50 µs", "p95", "p99", "p99.9");
  const auto few = bench_agents(10);
  bench_agents(100);
  const auto backlog = bench_backlog(quick ? std::vector{0, 1000, 100'000} : std::vector{0, 1000, 100'000, 1'000'000});
  const auto many = quick ? backlog.front() : bench_agents(10'000);
  bench_bare("decision, 1000 agents", backlog.front().decision);
  bench_bare("cycle, 1000 agents", backlog.front().cycle);
  fmt::print("\n");
  print_flatness(quick ? "from 10 to 1,000 agents" : "from 10 to 10,000 agents", few, many);
  print_flatness(quick ? "from 0 to 100,000 waiting" : "from 0 to 1,000,000 waiting", backlog.front(), backlog.back());
  bench_memory(50'000);
}

}  // namespace
}  // namespace peyk::bench

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const std::string only = argc > 1 ? arguments[1] : "";
  if (only.empty() || only == "quick") {
    peyk::bench::run(only == "quick");
  } else if (only == "memory") {
    spdlog::set_level(spdlog::level::warn);
    peyk::bench::bench_memory(50'000);
  } else {
    peyk::bench::probe(std::stoi(only));
  }
}
