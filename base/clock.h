// The passing of time as a dependency, so that tests and the simulator own it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace peyk {

/// Wall-clock time with millisecond resolution: what is stored, shown and compared between daemons.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

/// The machine's clock. Lives as long as the program.
const Clock& system_clock();

/// A clock that stands still until told otherwise.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  Time now() const override { return now_; }
  void advance(Milliseconds by) { now_ += by; }
  void set(Time now) { now_ = now; }

 private:
  Time now_;
};

/// "2026-11-22T04:26:00.123Z" (RFC 3339, UTC, always with milliseconds).
std::string to_rfc3339(Time time);

/// Reads RFC 3339 with any offset and any number of fraction digits.
Result<Time> parse_rfc3339(std::string_view text);

inline Time from_unix_ms(std::int64_t ms) {
  return Time(Milliseconds(ms));
}
inline std::int64_t to_unix_ms(Time time) {
  return time.time_since_epoch().count();
}

}  // namespace peyk
