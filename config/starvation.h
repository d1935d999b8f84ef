// How long the least valued conversation can be passed over, from the item rule and the promises of a configuration.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace peyk::config {

/// The rule serves the largest value × (age ÷ promise) ^ exponent. Let every conversation be answered within its
/// promise. One of value v and promise p that has waited longer than
///
///     p × (w ÷ v) ^ (1 ÷ exponent)
///
/// then ranks before all of value w or less: those score at most w, since their age ÷ promise is at most 1, and it
/// scores v × (age ÷ p) ^ exponent ≥ w. Where others are answered within k times their promise, so is the bound k times
/// as long. With w the largest value of any route, nothing passes it any more.
struct StarvationBound {
  std::string route;
  QueueName queue;
  Priority priority = Priority::normal;
  Duration promise{};  // to the first reply
  Duration bound{};    // after so long nothing passes it
};

/// One for each route, in their order.
std::vector<StarvationBound> starvation_bounds(const Config& config);

/// The same as lines of text for `peykd --check`, with the formula.
std::string describe_starvation(const Config& config);

/// "1h 30m", "2d", "45s": the two largest units, rounded up.
std::string rounded(Duration duration);

}  // namespace peyk::config
