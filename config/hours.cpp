#include "config/hours.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unicode/calendar.h>
#include <unicode/gregocal.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

namespace peyk::config {
namespace {

using std::chrono::days;

// How far a question looks ahead.
constexpr auto kHorizon = std::chrono::days(3 * 366);
// Days laid out at a time; a month keeps the first question cheap and the later ones free.
constexpr int kStepDays = 32;
// A question this far from what is laid out starts afresh.
constexpr int kFarDays = 2 * 366;

[[noreturn]] void broken(UErrorCode status) {
  throw std::runtime_error(fmt::format("calendar: {}", u_errorName(status)));
}

std::unique_ptr<icu::Calendar> create_calendar(const std::string& timezone, Calendar calendar) {
  UErrorCode status = U_ZERO_ERROR;
  auto* zone = icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(timezone));
  const auto* locale = calendar == Calendar::persian ? "fa_IR@calendar=persian" : "en_US@calendar=gregorian";
  std::unique_ptr<icu::Calendar> created(icu::Calendar::createInstance(zone, icu::Locale(locale), status));
  if (U_FAILURE(status)) broken(status);
  auto* gregorian = dynamic_cast<icu::GregorianCalendar*>(created.get());
  if (gregorian != nullptr) gregorian->setGregorianChange(-1e18, status);  // dates in rules are proleptic
  return created;
}

CalendarDate date_of(icu::Calendar& calendar, Time at) {
  UErrorCode status = U_ZERO_ERROR;
  calendar.setTime(static_cast<UDate>(to_unix_ms(at)), status);
  const CalendarDate date{calendar.get(UCAL_EXTENDED_YEAR, status), calendar.get(UCAL_MONTH, status) + 1,
                          calendar.get(UCAL_DATE, status)};
  if (U_FAILURE(status)) broken(status);
  return date;
}

/// An open stretch, and the open time before it since the first day laid out.
struct Open {
  Time from;
  Time to;
  Milliseconds before{};
};

/// Days are counted in UTC from 1970; a zone's day N is the date that UTC has on day N.
class ZonedHours : public HoursClock {
 public:
  explicit ZonedHours(const Hours& hours)
      : hours_(hours),
        gregorian_(create_calendar(hours.timezone, Calendar::gregorian)),
        persian_(create_calendar(hours.timezone, Calendar::persian)) {}

  bool is_open(Time at) override {
    lay_out(at, at);
    const auto next = first_ending_after(at);
    return next != opens_.end() && next->from <= at;
  }

  std::optional<Time> next_open(Time at) override {
    return search(at, [&]() -> std::optional<Time> {
      const auto next = first_ending_after(at);
      if (next == opens_.end()) return std::nullopt;
      return std::max(next->from, at);
    });
  }

  std::optional<Time> next_close(Time at) override {
    return search(at, [&]() -> std::optional<Time> {
      const auto next = first_ending_after(at);
      if (next == opens_.end() || next->from > at) return at;
      if (next->to >= laid_out_until()) return std::nullopt;  // it may go on behind what is laid out
      return next->to;
    });
  }

  std::optional<Time> add_open_time(Time start, Milliseconds duration) override {
    if (duration <= Milliseconds::zero()) return start;
    return search(start, [&]() -> std::optional<Time> {
      const auto first = first_ending_after(start);
      if (first == opens_.end()) return std::nullopt;
      const auto target = first->before + std::max(start - first->from, Milliseconds::zero()) + duration;
      const auto last = std::lower_bound(first, opens_.cend(), target, [](const Open& open, Milliseconds wanted) {
        return open.before + (open.to - open.from) < wanted;
      });
      if (last == opens_.end()) return std::nullopt;
      return last->from + (target - last->before);
    });
  }

  Milliseconds open_time_between(Time from, Time to) override {
    if (to <= from) return Milliseconds::zero();
    lay_out(from, to);
    return open_before(to) - open_before(from);
  }

 private:
  using Opens = std::vector<Open>;

  /// Asks `answer` until it has one, laying out more of the future each time, up to the horizon.
  template <typename Answer>
  std::optional<Time> search(Time at, Answer answer) {
    lay_out(at, at);
    while (true) {
      const auto found = answer();
      if (found) return found;
      if (laid_out_until() > at + kHorizon) return std::nullopt;
      append_days(kStepDays);
    }
  }

  Opens::const_iterator first_ending_after(Time at) const {
    return std::upper_bound(opens_.begin(), opens_.end(), at,
                            [](Time time, const Open& open) { return time < open.to; });
  }

  /// Open time from the first day laid out to `at`.
  Milliseconds open_before(Time at) const {
    const auto next = first_ending_after(at);
    if (next != opens_.end()) return next->before + std::max(at - next->from, Milliseconds::zero());
    if (opens_.empty()) return Milliseconds::zero();
    return opens_.back().before + (opens_.back().to - opens_.back().from);
  }

  static int day_of(Time at) { return static_cast<int>(std::chrono::floor<days>(at).time_since_epoch().count()); }

  /// Every span of the days laid out ends, on any clock, at least this early before the days after them begin.
  Time laid_out_until() const { return Time(days(last_day_ - 1)); }

  /// Makes sure that all spans that touch [from, to] are laid out: a zone is up to 14 hours from UTC, and a span may
  /// begin on the day before.
  void lay_out(Time from, Time to) {
    const int first = day_of(from) - 2;
    const int last = day_of(to) + 3;
    if (last_day_ == first_day_ || first < first_day_ - kFarDays || first > last_day_ + kFarDays) {
      opens_.clear();
      first_day_ = last_day_ = first;
    }
    if (first < first_day_) {
      const int until = last_day_;
      opens_.clear();
      first_day_ = last_day_ = first - kStepDays;
      append_days(until - first_day_);
    }
    if (last > last_day_) append_days(std::max(last - last_day_, kStepDays));
  }

  void append_days(int count) {
    for (int day = last_day_; day < last_day_ + count; ++day) append_day(day);
    last_day_ += count;
  }

  void append_day(int day) {
    const std::chrono::sys_days date{days(day)};
    const auto weekday = std::chrono::weekday(date).iso_encoding() - 1;
    const auto& spans = hours_.week[weekday];
    if (spans.empty()) return;
    const std::chrono::year_month_day civil(date);
    if (is_holiday(civil)) return;
    for (const auto& span : spans) append(at_minute(civil, span.from, false), at_minute(civil, span.to, true));
  }

  /// Spans that touch become one; a span that a change of the clock has swallowed is none.
  void append(Time from, Time to) {
    if (to <= from) return;
    if (!opens_.empty() && opens_.back().to >= from) {
      opens_.back().to = std::max(opens_.back().to, to);
      return;
    }
    Milliseconds before = Milliseconds::zero();
    if (!opens_.empty()) before = opens_.back().before + (opens_.back().to - opens_.back().from);
    opens_.push_back(Open{from, to, before});
  }

  bool is_holiday(const std::chrono::year_month_day& civil) {
    if (hours_.holidays.empty()) return false;
    const CalendarDate date{static_cast<int>(civil.year()), static_cast<int>(static_cast<unsigned>(civil.month())),
                            static_cast<int>(static_cast<unsigned>(civil.day()))};
    std::optional<CalendarDate> persian;
    return std::any_of(hours_.holidays.begin(), hours_.holidays.end(), [&](const DateRange& range) {
      if (range.calendar == Calendar::gregorian) return range.contains(date);
      if (!persian) persian = date_of(*persian_, at_minute(civil, 12 * 60, false));
      return range.contains(*persian);
    });
  }

  /// The instant at which the zone's clock shows `minute` of that date (or of the next one, past 1440). A time that
  /// the clock skips is the first after the gap; of one that it shows twice, the later counts for a closing.
  Time at_minute(const std::chrono::year_month_day& civil, int minute, bool closing) {
    UErrorCode status = U_ZERO_ERROR;
    gregorian_->clear();
    gregorian_->setSkippedWallTimeOption(UCAL_WALLTIME_NEXT_VALID);
    gregorian_->setRepeatedWallTimeOption(closing ? UCAL_WALLTIME_LAST : UCAL_WALLTIME_FIRST);
    gregorian_->set(static_cast<int>(civil.year()), static_cast<int>(static_cast<unsigned>(civil.month())) - 1,
                    static_cast<int>(static_cast<unsigned>(civil.day())) + minute / 1440, minute / 60 % 24, minute % 60,
                    0);
    const auto time = gregorian_->getTime(status);
    if (U_FAILURE(status)) broken(status);
    return from_unix_ms(static_cast<std::int64_t>(time));
  }

  Hours hours_;
  std::unique_ptr<icu::Calendar> gregorian_;
  std::unique_ptr<icu::Calendar> persian_;
  int first_day_ = 0;  // laid out: [first_day_, last_day_)
  int last_day_ = 0;
  Opens opens_;  // sorted, apart from each other
};

class AlwaysOpen : public HoursClock {
 public:
  bool is_open(Time) override { return true; }
  std::optional<Time> next_open(Time at) override { return at; }
  std::optional<Time> next_close(Time) override { return std::nullopt; }
  std::optional<Time> add_open_time(Time start, Milliseconds duration) override {
    return start + std::max(duration, Milliseconds::zero());
  }
  Milliseconds open_time_between(Time from, Time to) override { return std::max(to - from, Milliseconds::zero()); }
};

}  // namespace

std::unique_ptr<HoursClock> create_hours_clock(const Hours& hours) {
  const bool whole_week = std::all_of(hours.week.begin(), hours.week.end(), [](const auto& spans) {
    return spans.size() == 1 && spans.front().from == 0 && spans.front().to == 1440;
  });
  if (whole_week && hours.holidays.empty()) return create_always_open();
  return std::make_unique<ZonedHours>(hours);
}

std::unique_ptr<HoursClock> create_always_open() {
  return std::make_unique<AlwaysOpen>();
}

CalendarDate date_at(Time at, const std::string& timezone, Calendar calendar) {
  return date_of(*create_calendar(timezone, calendar), at);
}

}  // namespace peyk::config
