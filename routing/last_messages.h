// A conversation from its end, without reading all that comes before.
#pragma once

#include <cstdint>
#include <limits>

namespace peyk::routing {

/// As `after` of Reader::page: the last ones, oldest first, however many there are; `more` then means earlier ones.
inline constexpr auto kLastMessages = std::numeric_limits<std::uint64_t>::max();
/// The same, but 256 KiB of them and not two megabytes: for whoever may ask without being known here.
inline constexpr auto kFewLastMessages = kLastMessages - 1;

inline constexpr auto kFew = std::uint64_t{1} << 63U;  // no message has such a seq
/// And of these only what comes before the message with that seq.
constexpr std::uint64_t few_messages_before(std::uint64_t seq) {
  return kFew | seq;
}

}  // namespace peyk::routing
