// The end of a conversation, without reading all that comes before it.
#pragma once

#include <cstdint>
#include <limits>

namespace peyk::routing {

/// As `after` of Reader::page: the last ones, oldest first, however many there are; `more` then means earlier ones.
inline constexpr auto kLastMessages = std::numeric_limits<std::uint64_t>::max();
/// The same, but 256 KiB of them and not two megabytes: for whoever may ask without being known here.
inline constexpr auto kFewLastMessages = kLastMessages - 1;

}  // namespace peyk::routing
