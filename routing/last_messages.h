// The end of a conversation, without reading all that comes before it.
#pragma once

#include <cstdint>
#include <limits>

namespace peyk::routing {

/// As `after` of Reader::messages: the last `limit` ones (1,000 at most), oldest first, however many there are.
inline constexpr auto kLastMessages = std::numeric_limits<std::uint64_t>::max();

}  // namespace peyk::routing
