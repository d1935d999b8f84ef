// What stands in a cell of a recorded day: times of the clock, and lengths of time.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace peyk::routing::simulation {

/// "17:05" or "17:05:30", from midnight.
std::optional<std::chrono::seconds> parse_clock(std::string_view text);

/// "90", "90.5" (seconds) or "5m", from 0 to 30 days.
Result<Milliseconds> parse_length(std::string_view text);

/// Some of them apart by spaces, a hundred at most: as many as a profile's customers may write again.
Result<std::vector<Milliseconds>> parse_lengths(std::string_view text);

}  // namespace peyk::routing::simulation
