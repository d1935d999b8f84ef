// Whether a channel's queue is open now, and when that changes.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "config/config.h"
#include "config/hours.h"

namespace peyk::channels {

struct Opening {
  bool open = true;
  std::optional<Time> next;  // the next change: when it closes while open, when it opens while closed; none: never
};

/// Knows the hours of one configuration. One thread.
class OpeningHours {
 public:
  explicit OpeningHours(config::ConfigPtr config) : config_(std::move(config)) {}

  /// Of a conversation in that queue.
  Opening of_queue(const QueueName& queue, Time now);

  /// Of a message that is still to come by `channel`: its queue, as far as the channel alone decides it.
  Opening of_channel(const config::Channel& channel, Time now);

 private:
  config::HoursClock& clock_of(const HoursName& name);

  config::ConfigPtr config_;
  std::map<HoursName, std::unique_ptr<config::HoursClock>> clocks_;
};

/// The queue of the first route that `channel` and its kind alone decide.
QueueName usual_queue(const config::Config& config, const config::Channel& channel);

}  // namespace peyk::channels
