#include "routing/simulation/cells.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include <fmt/format.h>

#include "config/duration.h"

namespace peyk::routing::simulation {
namespace {

constexpr auto kLongest = Milliseconds(std::chrono::days(30));
constexpr std::size_t kMostLengths = 100;

}  // namespace

std::optional<std::chrono::seconds> parse_clock(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return std::nullopt;
  std::array<int, 3> parts{};
  for (std::size_t at = 0; at < text.size(); at += 3) {
    const auto* end = text.data() + at + 2;
    const bool number =
        text[at] >= '0' && text[at] <= '9' && std::from_chars(text.data() + at, end, parts[at / 3]).ptr == end;
    if (!number || (at > 0 && text[at - 1] != ':')) return std::nullopt;
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + std::chrono::seconds(parts[2]);
}

Result<Milliseconds> parse_length(std::string_view text) {
  double seconds = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  if (failed == std::errc() && stop == end) {
    if (seconds >= 0 && seconds <= 30.0 * 86'400) return Milliseconds(std::llround(seconds * 1000));
    return fail(ErrorCode::invalid, fmt::format("{} is not from 0 to 30 days", text.substr(0, 40)));
  }
  const auto value = config::parse_duration(text);
  if (!value)
    return fail(ErrorCode::invalid,
                fmt::format("\"{}\" is neither seconds nor a duration such as 5m", text.substr(0, 40)));
  if (*value > kLongest) return fail(ErrorCode::invalid, fmt::format("{} is not from 0 to 30 days", text));
  return *value;
}

Result<std::vector<Milliseconds>> parse_lengths(std::string_view text) {
  std::vector<Milliseconds> lengths;
  while (true) {
    const auto begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return lengths;
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    const auto length = parse_length(word);
    if (!length) return std::unexpected(length.error());
    if (lengths.size() == kMostLengths) {
      return fail(ErrorCode::invalid, fmt::format("more than {} of them", kMostLengths));
    }
    lengths.push_back(*length);
  }
}

}  // namespace peyk::routing::simulation
