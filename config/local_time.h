// The clock on the wall of a time zone: from its date and time to the instant, and back.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "config/values.h"

namespace peyk::config {

class LocalClock {
 public:
  virtual ~LocalClock() = default;

  /// The instant at which it shows `past_midnight` of `date` (Gregorian, with a year); less than nothing, or a day and
  /// more, is of another date. A time that the clock skips is taken as if it went on; of one that it shows twice, one.
  virtual Time instant(const CalendarDate& date, std::chrono::seconds past_midnight) const = 0;
  /// How far it is ahead of UTC at `at`.
  virtual Milliseconds ahead(Time at) const = 0;
  /// The date it shows.
  virtual CalendarDate date(Time at) const = 0;
};

/// UTC where the zone is unknown.
std::unique_ptr<LocalClock> create_local_clock(const std::string& timezone);

/// "2027-03-21" as a date of the Gregorian calendar.
Result<CalendarDate> parse_day(std::string_view text);

}  // namespace peyk::config
