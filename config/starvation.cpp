#include "config/starvation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace peyk::config {
namespace {

// Behind this a bound is only "very long".
constexpr double kLongest = 100.0 * 365 * 86'400'000;

double value_of(const Config& config, const Route& route) {
  return config.urgency.values[static_cast<std::size_t>(route.priority)];
}

Duration promise_of(const Config& config, const Route& route) {
  if (route.first_reply) return *route.first_reply;
  const auto queue = config.queues.find(route.queue);
  return queue == config.queues.end() ? Duration::zero() : queue->second.promise.first_reply;
}

}  // namespace

std::vector<StarvationBound> starvation_bounds(const Config& config) {
  double largest = 0;
  for (const auto& route : config.routes) largest = std::max(largest, value_of(config, route));
  std::vector<StarvationBound> bounds;
  for (const auto& route : config.routes) {
    const auto promise = promise_of(config, route);
    const auto factor = std::pow(largest / value_of(config, route), 1.0 / config.urgency.exponent);
    const auto bound = std::min(static_cast<double>(promise.count()) * factor, kLongest);
    bounds.push_back(StarvationBound{route.name, route.queue, route.priority, promise,
                                     Duration(static_cast<std::int64_t>(std::ceil(bound)))});
  }
  return bounds;
}

std::string describe_starvation(const Config& config) {
  std::string text = fmt::format(
      "no starvation: while conversations are answered within their promise, one is passed by no other any more once "
      "it "
      "has waited promise × (largest value ÷ its value) ^ (1 ÷ {}):\n",
      config.urgency.exponent);
  for (const auto& bound : starvation_bounds(config)) {
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
