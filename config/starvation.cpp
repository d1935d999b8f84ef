#include "config/starvation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/hours.h"

namespace peyk::config {
namespace {

// Behind this a bound is only "very long".
constexpr double kLongest = 100.0 * 365 * 86'400'000;
constexpr auto kYear = std::chrono::hours(24 * 366);
constexpr int kMostSpans = 2000;  // of opening, looked at in a year

/// What a route's conversations are valued and measured by.
struct Scale {
  double value = 1;
  Duration promise{};        // as pinned when they came
  Duration longest{};        // by the wall clock, of those within it
  Duration least_measure{};  // the shortest and the longest promise that urgency measures them by
  Duration most_measure{};
};

Duration promise_of(const Config& config, const Route& route) {
  if (route.first_reply) return *route.first_reply;
  const auto queue = config.queues.find(route.queue);
  return queue == config.queues.end() ? Duration::zero() : queue->second.promise.first_reply;
}

/// The longest that a promise can last: one that begins as the queue closes.
Duration longest_within(HoursClock& clock, Duration promise, Time now) {
  auto longest = promise;
  auto at = clock.next_close(now);
  for (int i = 0; at && *at < now + kYear && i < kMostSpans; ++i) {
    const auto due = clock.add_open_time(*at, promise);
    if (due) longest = std::max(longest, *due - *at);
    const auto opens = clock.next_open(*at);
    if (!opens) break;
    at = clock.next_close(*opens);
  }
  return longest;
}

/// The queue and all that its conversations may come to by themselves.
void add_reachable(const Config& config, const QueueName& name, std::set<QueueName>& reached) {
  const auto queue = config.queues.find(name);
  if (queue == config.queues.end() || !reached.insert(name).second) return;
  for (const auto& rule : queue->second.overflow) {
    if (!rule.to.empty()) add_reachable(config, rule.to, reached);
  }
}

class Scales {
 public:
  Scales(const Config& config, Time now) : config_(config), now_(now) {}

  Scale of(const Route& route) {
    Scale scale;
    scale.value = config_.urgency.values[static_cast<std::size_t>(route.priority)];
    scale.promise = std::max(promise_of(config_, route), Duration(1));
    scale.longest = longest(route.queue, scale.promise);
    scale.least_measure = scale.most_measure = scale.promise;
    std::set<QueueName> reached;
    add_reachable(config_, route.queue, reached);
    reached.erase(route.queue);
    for (const auto& name : reached) {
      const auto measure = std::max(config_.queues.at(name).promise.first_reply, Duration(1));
      scale.least_measure = std::min(scale.least_measure, measure);
      scale.most_measure = std::max(scale.most_measure, measure);
    }
    return scale;
  }

 private:
  Duration longest(const QueueName& name, Duration promise) {
    const auto queue = config_.queues.find(name);
    if (config_.promise_clock == PromiseClock::always || queue == config_.queues.end()) return promise;
    const auto hours = config_.hours.find(queue->second.hours);
    if (hours == config_.hours.end()) return promise;
    auto& clock = clocks_[hours->first];
    if (!clock) clock = create_hours_clock(hours->second);
    const auto known = longest_.find({hours->first, promise});
    if (known != longest_.end()) return known->second;
    return longest_[{hours->first, promise}] = longest_within(*clock, promise, now_);
  }

  const Config& config_;
  Time now_;
  std::map<HoursName, std::unique_ptr<HoursClock>> clocks_;
  std::map<std::pair<HoursName, Duration>, Duration> longest_;
};

double in_ms(Duration duration) {
  return static_cast<double>(duration.count());
}

}  // namespace

std::vector<StarvationBound> starvation_bounds(const Config& config, Time now) {
  Scales scales(config, now);
  std::vector<Scale> all;
  all.reserve(config.routes.size());
  for (const auto& route : config.routes) all.push_back(scales.of(route));
  const double root = 1.0 / config.urgency.exponent;
  double highest = 0;  // (score of the best within its promise) ^ (1 ÷ exponent)
  for (const auto& scale : all) {
    highest = std::max(highest, std::pow(scale.value, root) * in_ms(scale.longest) / in_ms(scale.least_measure));
  }
  std::vector<StarvationBound> bounds;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& route = config.routes[i];
    const auto bound = std::min(in_ms(all[i].most_measure) * highest / std::pow(all[i].value, root), kLongest);
    bounds.push_back(StarvationBound{route.name, route.queue, route.priority, promise_of(config, route),
                                     Duration(static_cast<std::int64_t>(std::ceil(bound)))});
  }
  return bounds;
}

std::string describe_starvation(const Config& config, Time now) {
  std::string text = fmt::format(
      "no starvation: once a conversation has waited, by the wall clock, as long as its route says here, nobody who has "
      "room for it takes another before it any more\n"
      "(while conversations are answered within their promise, transfers by hand apart: promise × the largest over all "
      "routes of (value ÷ its value) ^ (1 ÷ {}) × (longest wait within their promise ÷ promise))\n",
      config.urgency.exponent);
  for (const auto& bound : starvation_bounds(config, now)) {
    text += fmt::format("  {}: queue {}, priority {}, first reply within {}: after {}\n", bound.route,
                        bound.queue.str(), to_string(bound.priority), rounded(bound.promise), rounded(bound.bound));
  }
  return text;
}

std::string rounded(Duration duration) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kUnits{
      {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}}};
  const auto ms = duration.count();
  for (std::size_t at = 0; at < kUnits.size(); ++at) {
    const auto [name, unit] = kUnits[at];
    if (ms < unit && at + 1 < kUnits.size()) continue;
    if (at + 1 == kUnits.size()) return fmt::format("{}s", (ms + 999) / 1000);
    const auto [small_name, small] = kUnits[at + 1];
    const auto smalls = (ms + small - 1) / small;  // rounding up may fill the larger unit
    const auto larges = smalls / (unit / small);
    const auto rest = smalls % (unit / small);
    return rest == 0 ? fmt::format("{}{}", larges, name) : fmt::format("{}{} {}{}", larges, name, rest, small_name);
  }
  return "0s";
}

}  // namespace peyk::config
