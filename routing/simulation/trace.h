// A recorded day: CSV with a conversation a row. A header row names the columns, in any order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

struct TraceOptions {
  std::string file;                          // its name in messages
  std::vector<config::ConfigPtr> configs;    // a channel or queue must be in each of them
  std::optional<config::CalendarDate> date;  // of times without one
  std::string timezone;                      // of times without an offset
};

struct Trace {
  std::vector<Arrival> arrivals;      // by time; those of the same time as in the file
  std::vector<std::string> problems;  // "FILE:LINE: message", the first hundred, and then how many more there are

  bool ok() const { return problems.empty(); }
};

inline constexpr std::size_t kLargestTraceBytes = std::size_t{256} << 20U;
inline constexpr std::size_t kMostArrivals = 1'000'000;

/// Columns: `time` (RFC 3339, or HH:MM[:SS] of `date`), `channel`, `handling` (seconds, or 5m) are required; `queue`,
/// `field.NAME`, `subject`, `text`, `language`, `patience`, `name` and, for customers who wrote again, `replies.after`
/// and `replies.handling` may be there, and may be empty in a row. No problem hides another; a trace with one has no
/// arrivals.
Trace read_trace(std::string_view text, const TraceOptions& options);

}  // namespace peyk::routing::simulation
