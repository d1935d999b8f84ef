#include "config/local_time.h"

#include <fmt/format.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

namespace peyk::config {
namespace {

class ZoneClock : public LocalClock {
 public:
  explicit ZoneClock(const std::string& timezone)
      : zone_(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(timezone))) {}

  Time instant(const CalendarDate& date, std::chrono::seconds past_midnight) const override {
    const std::chrono::year_month_day day(std::chrono::year(date.year),
                                          std::chrono::month(static_cast<unsigned>(date.month)),
                                          std::chrono::day(static_cast<unsigned>(date.day)));
    const auto shown = Time(std::chrono::sys_days(day)) + past_midnight;
    return shown - offset(shown, true);
  }

  Milliseconds ahead(Time at) const override { return offset(at, false); }

  CalendarDate date(Time at) const override {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at + ahead(at)));
    return {static_cast<int>(day.year()), static_cast<int>(static_cast<unsigned>(day.month())),
            static_cast<int>(static_cast<unsigned>(day.day()))};
  }

 private:
  /// `local`: `at` is what the clock shows, as if that were UTC.
  Milliseconds offset(Time at, bool local) const {
    UErrorCode status = U_ZERO_ERROR;
    std::int32_t raw = 0;
    std::int32_t saving = 0;
    zone_->getOffset(static_cast<UDate>(to_unix_ms(at)), static_cast<UBool>(local), raw, saving, status);
    return U_FAILURE(status) ? Milliseconds::zero() : Milliseconds(raw + saving);
  }

  std::unique_ptr<icu::TimeZone> zone_;
};

}  // namespace

std::unique_ptr<LocalClock> create_local_clock(const std::string& timezone) {
  return std::make_unique<ZoneClock>(timezone);
}

Result<CalendarDate> parse_day(std::string_view text) {
  const auto range = parse_date_range(text);
  const bool one_day = range && range->calendar == Calendar::gregorian && range->first == range->last;
  if (one_day && range->first.year != 0) return range->first;
  return fail(ErrorCode::invalid, fmt::format("\"{}\" is not a day such as 2027-03-21", text.substr(0, 40)));
}

}  // namespace peyk::config
