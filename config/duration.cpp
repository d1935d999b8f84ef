#include "config/duration.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace peyk::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first; "m" after "ms" would never be a prefix problem, since a unit is all letters up to the next digit.
constexpr std::array<Unit, 5> kDurations{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kSizes{{{"GiB", 1U << 30U}, {"MiB", 1U << 20U}, {"KiB", 1U << 10U}, {"", 1}}};

// Ten years in milliseconds, and a tebibyte: more is a slip of the finger.
constexpr std::uint64_t kLongest = 3'650ULL * 86'400'000;
constexpr std::uint64_t kLargest = 1ULL << 40U;

/// Takes a whole number and its unit from the front of `text`; null when there is none.
template <std::size_t N>
const Unit* take_amount(std::string_view& text, const std::array<Unit, N>& units, std::uint64_t& amount) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc()) return nullptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto name = text.substr(0, text.find_first_of("0123456789"));
  for (const auto& unit : units) {
    if (unit.name != name) continue;
    text.remove_prefix(name.size());
    return &unit;
  }
  return nullptr;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto refused = [text] {
    return fail(ErrorCode::invalid,
                fmt::format("\"{}\" is not a duration such as 90s, 15m, 4h, 2d or 1h30m", text.substr(0, 40)));
  };
  if (text.empty()) return refused();
  std::uint64_t total = 0;
  const Unit* previous = nullptr;
  auto rest = text;
  while (!rest.empty()) {
    std::uint64_t amount = 0;
    const auto* unit = take_amount(rest, kDurations, amount);
    const bool ordered = previous == nullptr || (unit != nullptr && unit->factor < previous->factor);
    if (unit == nullptr || !ordered || amount > kLongest / unit->factor) return refused();
    total += amount * unit->factor;
    previous = unit;
  }
  if (total > kLongest) return refused();
  return Duration(total);
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t amount = 0;
  auto rest = text;
  const auto* unit = take_amount(rest, kSizes, amount);
  if (unit == nullptr || !rest.empty() || amount > kLargest / unit->factor) {
    return fail(ErrorCode::invalid,
                fmt::format("\"{}\" is not a size such as 512, 16KiB, 25MiB or 1GiB", text.substr(0, 40)));
  }
  return amount * unit->factor;
}

}  // namespace peyk::config
