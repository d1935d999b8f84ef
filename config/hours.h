// Business hours on the clock of a time zone, across daylight saving and holidays.
#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "config/config.h"

namespace peyk::config {

/// Answers are cached by day, so that a question costs a binary search. One thread.
class HoursClock {
 public:
  virtual ~HoursClock() = default;

  virtual bool is_open(Time at) = 0;
  /// The first open instant at or after `at`; none within three years (always closed).
  virtual std::optional<Time> next_open(Time at) = 0;
  /// The first closed instant at or after `at`; none within three years (always open).
  virtual std::optional<Time> next_close(Time at) = 0;
  /// When `duration` of open time has passed since `start`. Zero: `start` itself. None within three years.
  virtual std::optional<Time> add_open_time(Time start, Milliseconds duration) = 0;
  /// Open time in [from, to); zero when `to` is not after `from`.
  virtual Milliseconds open_time_between(Time from, Time to) = 0;
};

/// `hours` is copied.
std::unique_ptr<HoursClock> create_hours_clock(const Hours& hours);

/// The clock of those who name no hours: always open.
std::unique_ptr<HoursClock> create_always_open();

/// The day it is at `at` in `timezone`, in `calendar`; for rules with dates. UTC where the zone is unknown.
CalendarDate date_at(Time at, const std::string& timezone, Calendar calendar);

}  // namespace peyk::config
