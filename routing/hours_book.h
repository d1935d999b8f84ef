// The clocks of every `hours:` of a configuration, built when they are first asked for.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "config/config.h"
#include "config/hours.h"

namespace peyk::routing {

/// One thread. Keeps its configuration alive.
class HoursBook {
 public:
  explicit HoursBook(config::ConfigPtr config) : config_(std::move(config)) {}

  /// Of that name; the clock that is always open for an empty or unknown one.
  config::HoursClock& clock(const HoursName& name);
  /// When the first of all hours opens or closes after `now`; none within three years: never.
  std::optional<Time> next_change(Time now);

 private:
  config::ConfigPtr config_;
  std::unordered_map<HoursName, std::unique_ptr<config::HoursClock>> clocks_;
};

}  // namespace peyk::routing
