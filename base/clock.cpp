#include "base/clock.h"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace peyk {
namespace {

class SystemClock : public Clock {
 public:
  Time now() const override { return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()); }
};

/// Takes exactly `digits` decimal digits from the front of `text`.
bool take_number(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  const auto part = text.substr(0, digits);
  if (part.find_first_not_of("0123456789") != std::string_view::npos) return false;
  std::from_chars(part.data(), part.data() + digits, value);
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, std::string_view choices) {
  if (text.empty() || choices.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// The fraction of a second, cut to milliseconds; 0 without one, -1 when malformed.
int take_fraction(std::string_view& text) {
  if (!take(text, ".")) return 0;
  int ms = 0;
  int scale = 100;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    ms += (text[digits] - '0') * scale;
    scale /= 10;
  }
  text.remove_prefix(digits);
  return digits == 0 ? -1 : ms;
}

/// The offset from UTC; false when malformed.
bool take_offset(std::string_view& text, std::chrono::minutes& offset) {
  if (take(text, "Zz")) return true;
  if (text.empty()) return false;
  const int sign = text.front() == '-' ? -1 : 1;
  int hours = 0;
  int minutes = 0;
  if (!take(text, "+-") || !take_number(text, 2, hours) || !take(text, ":") || !take_number(text, 2, minutes)) {
    return false;
  }
  offset = std::chrono::minutes(sign * (hours * 60 + minutes));
  return hours <= 23 && minutes <= 59;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string to_rfc3339(Time time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<Time> parse_rfc3339(std::string_view text) {
  const auto refused = [text] {
    return fail(ErrorCode::invalid,
                fmt::format("\"{}\" is not a time such as 2026-11-22T04:26:00Z", text.substr(0, 40)));
  };
  auto rest = text;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool date_and_time = take_number(rest, 4, year) && take(rest, "-") && take_number(rest, 2, month) &&
                             take(rest, "-") && take_number(rest, 2, day) && take(rest, "Tt ") &&
                             take_number(rest, 2, hour) && take(rest, ":") && take_number(rest, 2, minute) &&
                             take(rest, ":") && take_number(rest, 2, second);
  if (!date_and_time) return refused();
  const int ms = take_fraction(rest);
  std::chrono::minutes offset{0};
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  const bool valid =
      ms >= 0 && take_offset(rest, offset) && rest.empty() && date.ok() && hour <= 23 && minute <= 59 && second <= 60;
  if (!valid) return refused();
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + Milliseconds(ms) - offset;
}

}  // namespace peyk
