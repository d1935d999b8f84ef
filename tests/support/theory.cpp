#include "tests/support/theory.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <string>

#include <fmt/format.h>

#include "base/random.h"
#include "tests/support/config_text.h"

namespace peyk::test {
namespace {

namespace sim = routing::simulation;

constexpr double kServed = 15;  // seconds
constexpr int kStates = 5000;   // beyond which no queue of these grows

QueueFigures erlang_c(const QueueModel& model) {
  const double load = model.rate * model.handling;
  double blocked = 1;  // Erlang B, agent by agent
  for (int n = 1; n <= model.agents; ++n) blocked = load * blocked / (n + load * blocked);
  QueueFigures figures;
  figures.waits = model.agents * blocked / (model.agents - load * (1 - blocked));
  const double drain = model.agents / model.handling - model.rate;
  figures.mean_wait = figures.waits / drain;
  figures.within_15 = 1 - figures.waits * std::exp(-drain * kServed);
  return figures;
}

QueueFigures erlang_a(const QueueModel& model) {
  double weight = 1;
  double total = 1;
  double waiting = 0;
  double queue = 0;
  for (int k = 1; k < kStates; ++k) {
    const int queued = std::max(0, k - model.agents);
    const double ends = std::min(k, model.agents) / model.handling + queued / model.patience.value();
    weight *= model.rate / ends;
    total += weight;
    if (k >= model.agents) waiting += weight;
    queue += queued * weight;
  }
  QueueFigures figures;
  figures.waits = waiting / total;
  figures.mean_wait = queue / total / model.rate;
  figures.leaves = figures.mean_wait / model.patience.value();
  return figures;
}

/// Exponential, by inversion: the same on every machine.
Milliseconds exponential(SeededRandom& random, double mean) {
  const double uniform =
      (static_cast<double>(random.next() >> 11U) + 0.5) / static_cast<double>(std::uint64_t{1} << 53U);
  return Milliseconds(std::llround(-mean * 1000 * std::log(uniform)));
}

Milliseconds milliseconds(double seconds) {
  return Milliseconds(std::llround(seconds * 1000));
}

}  // namespace

QueueFigures theory(const QueueModel& model) {
  return model.patience ? erlang_a(model) : erlang_c(model);
}

config::ConfigPtr theory_config(const QueueModel& model) {
  std::string text = R"(version: 1
redis: {embedded: true}
state_dir: /tmp
http: {listen: "127.0.0.1:0"}
channels:
  chat: {kind: chat}
kinds: {chat: {weight: 1}}
queues:
  service: {promise: {first_reply: 1h, resolve: 2d}}
routes:
  - queue: service
agents:
)";
  for (int i = 0; i < model.agents; ++i) {
    text += fmt::format("  a{0:03}: {{name: Agent {0}, queues: [service], capacity: 1}}\n", i);
  }
  return load_right(text);
}

sim::Day theory_day(const QueueModel& model, std::uint64_t seed, double warm_up, double length) {
  const Time start(std::chrono::seconds(1'795'330'800));
  SeededRandom random(seed);
  sim::Day day;
  day.begin = start + milliseconds(warm_up);
  day.end = day.begin + milliseconds(length);
  double at = 0;
  for (;;) {
    at += std::chrono::duration<double>(exponential(random, 1 / model.rate)).count();
    sim::Arrival arrival;
    arrival.at = start + milliseconds(at);
    if (!day.arrivals.empty()) arrival.at = std::max(arrival.at, day.arrivals.back().at + Milliseconds(1));
    if (arrival.at >= day.end) break;
    arrival.name = fmt::format("customer {}", day.arrivals.size() + 1);
    arrival.channel = ChannelName("chat");
    arrival.handling = exponential(random, model.handling);
    if (model.patience) arrival.patience = exponential(random, *model.patience);
    day.arrivals.push_back(std::move(arrival));
  }
  for (int i = 0; i < model.agents; ++i) {
    day.shifts.push_back({AgentName(fmt::format("a{:03}", i)), start, day.end + std::chrono::hours(24)});
  }
  return day;
}

std::vector<std::optional<Time>> first_come_first_served(const sim::Day& day, int agents) {
  std::priority_queue<Time, std::vector<Time>, std::greater<>> free;
  for (int i = 0; i < agents; ++i) free.emplace();
  std::vector<std::optional<Time>> answered;
  for (const auto& arrival : day.arrivals) {
    const auto at = std::max(arrival.at, free.top());
    const bool stays = !arrival.patience || at < arrival.at + *arrival.patience;
    if (stays) {
      free.pop();
      free.push(at + arrival.handling);
    }
    answered.push_back(stays ? std::optional(at) : std::nullopt);
  }
  return answered;
}

QueueFigures measured(const sim::Outcome& outcome, std::size_t batch, std::size_t batches) {
  const auto count = outcome.matters.size() / batches;
  QueueFigures sums;
  for (std::size_t i = batch * count; i < (batch + 1) * count; ++i) {
    const auto& matter = outcome.matters[i];
    const auto ended = matter.answered ? *matter.answered : matter.finished.value();
    const double wait = std::chrono::duration<double>(ended - matter.arrived).count();
    sums.waits += wait > 0 ? 1 : 0;
    sums.mean_wait += wait;
    sums.within_15 += wait <= kServed ? 1 : 0;
    sums.leaves += matter.abandoned ? 1 : 0;
  }
  const auto share = [count](double sum) { return sum / static_cast<double>(count); };
  return {share(sums.waits), share(sums.mean_wait), share(sums.within_15), share(sums.leaves)};
}

Mean mean_of(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const auto value : values) sum += value;
  double squares = 0;
  for (const auto value : values) squares += (value - sum / count) * (value - sum / count);
  return {sum / count, std::sqrt(squares / (count - 1) / count)};
}

}  // namespace peyk::test
