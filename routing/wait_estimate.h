// How long will it take? Quantiles of a customer's wait, from what was measured in his queue.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "routing/channel_messages.h"
#include "routing/event_feed.h"

namespace peyk::routing {

/// What the estimate is made from.
struct ServiceRates {
  double servers = 0;      // conversations worked on at once, and those that an agent considers
  double service = 0;      // μ: one server ends so many a second, from his offer on
  double abandonment = 0;  // θ: one who waits leaves at this rate a second
};

/// Quantiles of the wait of the one at `position` (from 1), while all servers are busy: the sum of exponential steps
/// with rates sμ + iθ, by a gamma distribution of the same mean and variance. None when nothing is served.
std::optional<WaitEstimate> estimate_wait(const ServiceRates& rates, int position);

/// How things stand with one kind of conversation in one queue, by the store.
struct QueueCount {
  QueueName queue;
  ChannelKind kind = ChannelKind::email;
  int waiting = 0;
  int served = 0;           // worked on, or offered
  int free = 0;             // agents of the queue with room for this kind
  double oldest_age_s = 0;  // of the one who waits longest
};

/// Listens to the desk's events and measures each kind of conversation in each queue, as places are counted by both:
/// handling time, servers, abandonment, waits. Who considers an offer is a server, as he does nothing else meanwhile
/// and is about to do this; so the time that takes is part of what a conversation costs. One thread.
///
/// Events tell only of what happens while it listens: `count` says how many there are already, and how many agents are
/// free. Until enough ends were seen to know the rates, the longer of two is the estimate: the wait of whoever was
/// taken last, and the age of whoever is first in the line (head of line); there is none while both are under a second.
/// What came true for whoever was told something is compared with it: `error_ratio`.
class WaitEstimator {
 public:
  virtual ~WaitEstimator() = default;
  virtual void observe(const Event& event) = 0;
  /// The store's word, now and then: it stands for what events counted so far.
  virtual void count(const QueueCount& counted) = 0;
  virtual std::optional<WaitEstimate> estimate(const QueueName& queue, ChannelKind kind, int position) const = 0;
  /// For one who comes now: behind all who wait; none while an agent is free, or, as long as nobody has counted them,
  /// while nobody waits.
  virtual std::optional<WaitEstimate> newcomer(const QueueName& queue, ChannelKind kind) const = 0;
  /// Mean absolute error of the p50s ÷ mean wait, over all kinds; 0: not known.
  virtual double error_ratio(const QueueName& queue) const = 0;
};

std::unique_ptr<WaitEstimator> create_wait_estimator();

}  // namespace peyk::routing
