#include "config/values.h"

#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

namespace peyk::config {
namespace {

// Compiled size of one pattern; RE2 refuses what would grow past it.
constexpr std::int64_t kPatternMemory = 8LL << 20U;

constexpr std::array<int, 12> kGregorianDays{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
constexpr std::array<int, 12> kPersianDays{31, 31, 31, 31, 31, 31, 30, 30, 30, 30, 30, 30};

bool leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool valid(const CalendarDate& date, Calendar calendar) {
  if (date.month < 1 || date.month > 12 || date.day < 1) return false;
  const auto month = static_cast<std::size_t>(date.month - 1);
  if (calendar == Calendar::persian) return date.day <= kPersianDays[month];
  if (date.month == 2 && date.day == 29 && date.year != 0) return leap(date.year);
  return date.day <= kGregorianDays[month];
}

/// "2027-03-21" or "03-21"; false when it is neither.
bool parse_date(std::string_view text, CalendarDate& date) {
  const auto number = [&text](std::size_t digits, int& value) {
    if (text.size() < digits) return false;
    const auto* end = text.data() + digits;
    const bool read = std::from_chars(text.data(), end, value).ptr == end && text.front() != '-';
    text.remove_prefix(digits);
    return read;
  };
  const auto dash = [&text] {
    if (text.empty() || text.front() != '-') return false;
    text.remove_prefix(1);
    return true;
  };
  if (text.size() == 10 && (!number(4, date.year) || date.year == 0 || !dash())) return false;
  return number(2, date.month) && dash() && number(2, date.day) && text.empty();
}

}  // namespace

std::string to_string(const Place& place) {
  if (place.line == 0) return place.file;
  return fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

std::string to_string(Units units) {
  auto text = fmt::format("{}.{:02}", units.hundredths / 100, units.hundredths % 100);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

const std::string& pick_text(const Texts& texts, const Language& language, const Language& fallback) {
  static const std::string kNone;
  for (const auto& wanted : {language, fallback, Language(), Language("en")}) {
    const auto found = texts.find(wanted);
    if (found != texts.end()) return found->second;
  }
  return texts.empty() ? kNone : texts.begin()->second;
}

Result<Pattern> Pattern::compile(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  auto compiled = std::make_shared<const re2::RE2>(text, options);
  if (!compiled->ok()) return fail(ErrorCode::invalid, compiled->error());
  Pattern pattern;
  pattern.text_ = text;
  pattern.compiled_ = std::move(compiled);
  return pattern;
}

bool Pattern::matches(std::string_view text) const {
  return compiled_ != nullptr && re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

bool DateRange::contains(const CalendarDate& date) const {
  if (first.year != 0) return first <= date && date <= last;
  const auto day = std::pair(date.month, date.day);
  const auto from = std::pair(first.month, first.day);
  const auto to = std::pair(last.month, last.day);
  if (from <= to) return from <= day && day <= to;
  return day >= from || day <= to;
}

Result<DateRange> parse_date_range(std::string_view text) {
  const auto refused = [whole = text](std::string_view why) {
    return fail(ErrorCode::invalid, fmt::format("\"{}\" {}", whole.substr(0, 60), why));
  };
  DateRange range;
  if (text.starts_with("persian:")) {
    range.calendar = Calendar::persian;
    text.remove_prefix(8);
  }
  const auto dots = text.find("..");
  const auto first = text.substr(0, dots);
  const auto last = dots == std::string_view::npos ? first : text.substr(dots + 2);
  if (!parse_date(first, range.first) || !parse_date(last, range.last)) {
    return refused("is not a date such as 2027-03-21, 03-21 (every year), 05-01..09-30 or persian:01-01..01-04");
  }
  if (!valid(range.first, range.calendar) || !valid(range.last, range.calendar)) return refused("names no such day");
  if ((range.first.year == 0) != (range.last.year == 0)) return refused("has a year on one side only");
  if (range.first.year != 0 && range.last < range.first) return refused("ends before it begins");
  return range;
}

}  // namespace peyk::config
