// How long the least valued conversation can be passed over, from the item rule and the promises of a configuration.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "config/config.h"

namespace peyk::config {

/// The rule serves the largest value × (age ÷ promise) ^ exponent; age is time by the wall clock, also while a promise
/// stands still because its queue is closed. Let every conversation be answered within its promise: one of value w and
/// promise q has an age of at most W, the longest that a promise of q can last by the wall clock (q itself under
/// `promise_clock: always`), and so scores at most w × (W ÷ q) ^ exponent. One of value v and promise p that has waited
/// longer than
///
///     p × the largest over all routes of (w ÷ v) ^ (1 ÷ exponent) × W ÷ q
///
/// scores more than any of them: who may take it and has room for it takes nothing before it any more. How long it is
/// until somebody has room is another matter. Where others are answered within k times their promise, so is the bound k
/// times as long. Overflows and retired queues give a conversation another queue's promise to be measured by: q is the
/// shortest, p the longest that a route's conversations can come to that way. Transfers by hand are apart: who is
/// handed to a queue with a shorter promise goes before those of his age there.
struct StarvationBound {
  std::string route;
  QueueName queue;
  Priority priority = Priority::normal;
  Duration promise{};  // to the first reply
  Duration bound{};    // by the wall clock; after so long nothing passes it
};

/// One for each route, in their order. Opening hours are those of the year from `now` on.
std::vector<StarvationBound> starvation_bounds(const Config& config, Time now);

/// The same as lines of text for `peykd --check`, with the formula.
std::string describe_starvation(const Config& config, Time now);

/// "1h 30m", "2d", "45s": the two largest units, rounded up.
std::string rounded(Duration duration);

}  // namespace peyk::config
