// Durations and sizes as operators write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace peyk::config {

using Duration = std::chrono::milliseconds;

/// "250ms", "90s", "15m", "4h", "2d", or several, largest first ("1h30m"); "0s" is zero. No sign, no fraction.
Result<Duration> parse_duration(std::string_view text);

/// "25MiB", "16KiB", "1GiB", "512" (bytes).
Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace peyk::config
