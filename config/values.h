// Small values that several parts of the configuration share.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/duration.h"
#include "config/names.h"

namespace re2 {
class RE2;
}

namespace peyk::config {

/// Where something stands in the configuration; prints as FILE:LINE:COLUMN (both count from 1).
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};
std::string to_string(const Place& place);

/// Units of an agent's attention, in hundredths, so that 0.5 is exact and stores reckon with whole numbers.
struct Units {
  std::int64_t hundredths = 0;
  friend auto operator<=>(const Units&, const Units&) = default;
};
/// "2", "0.5", "1.25".
std::string to_string(Units units);

/// What a customer reads, by language.
using Texts = std::map<Language, std::string>;
/// The text in `language`, else in `fallback`, else in English, else any; empty only when there is none.
const std::string& pick_text(const Texts& texts, const Language& language, const Language& fallback);

/// Levels are 1 to 10, higher is better; a skill that is not named is level 0.
using SkillLevels = std::map<SkillName, int>;

/// In a demand, stands for the conversation's own language (`require: {language: 3}`): taken away when that language
/// is not among `skills`, else replaced by it.
inline constexpr std::string_view kLanguageSkill = "language";

/// At most `count` in any `per`.
struct Rate {
  int count = 0;
  Duration per{};
  friend bool operator==(const Rate&, const Rate&) = default;
};

/// An RE2 pattern, known to compile. Matches anywhere in the text, in linear time. Copies share it; any thread.
class Pattern {
 public:
  /// The error is RE2's own.
  static Result<Pattern> compile(const std::string& text);
  bool matches(std::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<const re2::RE2> compiled_;
};

enum class Calendar : std::uint8_t { gregorian, persian };

/// A day; `year` 0 means every year.
struct CalendarDate {
  int year = 0;
  int month = 1;
  int day = 1;
  friend auto operator<=>(const CalendarDate&, const CalendarDate&) = default;
};

/// From `first` to `last`, both included. Without years it comes every year, and may run over the year's end.
struct DateRange {
  Calendar calendar = Calendar::gregorian;
  CalendarDate first;
  CalendarDate last;
  /// `date` is in this range's calendar and has a year.
  bool contains(const CalendarDate& date) const;
};
/// "2027-03-21", "03-21", "05-01..09-30", "2027-03-15..2027-04-05", each also after "persian:".
Result<DateRange> parse_date_range(std::string_view text);

}  // namespace peyk::config
