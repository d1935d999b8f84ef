// Opening hours: weeks, holidays, calendars and clocks that change.
#include "config/hours.h"

#include <chrono>
#include <map>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "base/random.h"
#include "config/local_time.h"
#include "tests/support/config_text.h"

namespace peyk::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

/// The clock of `declared`, the value of one entry of `hours:`.
std::unique_ptr<HoursClock> clock_of(const std::string& declared) {
  const auto config = test::load_right(test::minimal() + "hours:\n  shop: " + declared + "\n");
  return create_hours_clock(config->hours.at(HoursName("shop")));
}

Time at(std::string_view text) {
  return parse_rfc3339(text).value();
}

std::string shown(std::optional<Time> time) {
  return time ? to_rfc3339(*time) : "never";
}

const std::string kTehran = R"({timezone: Asia/Tehran, week: {sat-wed: "09:00-17:00", thu: "09:00-13:00"}})";

}  // namespace

TEST_CASE("a week runs from its first day over the week's end: Saturday to Wednesday, half of Thursday") {
  const auto clock = clock_of(kTehran);
  // 2026-11-21 is a Saturday; Tehran is 3:30 before UTC.
  CHECK_FALSE(clock->is_open(at("2026-11-21T08:59:59.999+03:30")));
  CHECK(clock->is_open(at("2026-11-21T09:00:00+03:30")));
  CHECK(clock->is_open(at("2026-11-25T16:59:59.999+03:30")));
  CHECK_FALSE(clock->is_open(at("2026-11-25T17:00:00+03:30")));
  CHECK(clock->is_open(at("2026-11-26T12:00:00+03:30")));
  CHECK_FALSE(clock->is_open(at("2026-11-26T13:00:00+03:30")));
  CHECK_FALSE(clock->is_open(at("2026-11-27T12:00:00+03:30")));
}

TEST_CASE("the next opening is over the Friday; open already is now") {
  const auto clock = clock_of(kTehran);
  CHECK(shown(clock->next_open(at("2026-11-26T13:00:00+03:30"))) == "2026-11-28T05:30:00.000Z");
  CHECK(shown(clock->next_open(at("2026-11-28T10:00:00+03:30"))) == "2026-11-28T06:30:00.000Z");
  CHECK(shown(clock->next_close(at("2026-11-28T10:00:00+03:30"))) == "2026-11-28T13:30:00.000Z");
  CHECK(shown(clock->next_close(at("2026-11-27T10:00:00+03:30"))) == "2026-11-27T06:30:00.000Z");
}

TEST_CASE("open time is counted only while open") {
  const auto clock = clock_of(kTehran);
  // Thursday 12:00 and two open hours: one today, one on Saturday.
  CHECK(shown(clock->add_open_time(at("2026-11-26T12:00:00+03:30"), hours(2))) == "2026-11-28T06:30:00.000Z");
  // To the very minute of closing, and not to the next opening.
  CHECK(shown(clock->add_open_time(at("2026-11-26T12:00:00+03:30"), hours(1))) == "2026-11-26T09:30:00.000Z");
  CHECK(shown(clock->add_open_time(at("2026-11-27T12:00:00+03:30"), milliseconds(1))) == "2026-11-28T05:30:00.001Z");
  CHECK(shown(clock->add_open_time(at("2026-11-27T12:00:00+03:30"), milliseconds(0))) == "2026-11-27T08:30:00.000Z");
  CHECK(clock->open_time_between(at("2026-11-26T12:00:00+03:30"), at("2026-11-28T10:30:00+03:30")) == minutes(150));
  CHECK(clock->open_time_between(at("2026-11-28T10:30:00+03:30"), at("2026-11-26T12:00:00+03:30")) == minutes(0));
  // A whole week: 5 × 8 + 4 hours.
  CHECK(clock->open_time_between(at("2026-11-21T00:00:00Z"), at("2026-11-28T00:00:00Z")) == hours(44));
}

TEST_CASE("Tehran keeps one clock all year since 2022, and changed it before") {
  const auto clock = clock_of(kTehran);
  CHECK(clock->is_open(at("2027-07-17T05:30:00Z")));  // 09:00 at +03:30
  CHECK_FALSE(clock->is_open(at("2027-07-17T05:29:00Z")));
  CHECK(clock->is_open(at("2021-07-17T04:30:00Z")));  // 09:00 at +04:30, summer time
}

TEST_CASE("hours follow the clock of the wall when summer time begins and ends") {
  const auto clock = clock_of(R"({timezone: Europe/Berlin, week: {mon-sun: "09:00-17:00"}})");
  CHECK(shown(clock->next_open(at("2027-03-27T18:00:00Z"))) == "2027-03-28T07:00:00.000Z");  // +02:00 from that day
  CHECK(shown(clock->next_open(at("2027-10-30T18:00:00Z"))) == "2027-10-31T08:00:00.000Z");  // +01:00
}

TEST_CASE("a night's shift is an hour shorter in spring and longer in autumn") {
  const auto clock = clock_of(R"({timezone: Europe/Berlin, week: {mon-sun: "22:00-06:00"}})");
  CHECK(clock->open_time_between(at("2027-03-27T12:00:00Z"), at("2027-03-28T12:00:00Z")) == hours(7));
  CHECK(clock->open_time_between(at("2027-10-30T12:00:00Z"), at("2027-10-31T12:00:00Z")) == hours(9));
  CHECK(clock->open_time_between(at("2027-06-10T12:00:00Z"), at("2027-06-11T12:00:00Z")) == hours(8));
}

TEST_CASE("a time that the clock skips opens after the gap; one shown twice opens the first time, closes the second") {
  const auto clock = clock_of(R"({timezone: Europe/Berlin, week: {mon-sun: "02:30-04:00"}})");
  CHECK(shown(clock->next_open(at("2027-03-28T00:00:00Z"))) == "2027-03-28T01:00:00.000Z");  // 03:00 +02:00
  CHECK(shown(clock->next_open(at("2027-10-30T20:00:00Z"))) == "2027-10-31T00:30:00.000Z");  // 02:30 +02:00, the first
  const auto night = clock_of(R"({timezone: Europe/Berlin, week: {mon-sun: "01:00-02:30"}})");
  CHECK(shown(night->next_close(at("2027-10-31T00:10:00Z"))) == "2027-10-31T01:30:00.000Z");  // 02:30 +01:00
}

TEST_CASE("where the clock skips midnight, a Persian holiday is that day still, and only it") {
  // Until 2022 Tehran's clock went from 24:00 of 1 Farvardin to 01:00.
  const auto declared = [](const std::string& day) {
    return R"({timezone: Asia/Tehran, week: {mon-sun: "08:00-20:00"}, holidays: ["persian:)" + day + R"("]})";
  };
  const auto second = clock_of(declared("01-02"));
  CHECK(second->is_open(at("2021-03-21T10:00:00+03:30")));
  CHECK_FALSE(second->is_open(at("2021-03-22T10:00:00+04:30")));
  CHECK(second->is_open(at("2021-03-23T10:00:00+04:30")));
}

TEST_CASE("a holiday is the date on the clock of its zone, however far that is from ours") {
  for (const auto* zone : {"Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Tehran"}) {
    CAPTURE(zone);
    const auto first = clock_of(std::string("{timezone: ") + zone +
                                R"(, week: {mon-sun: "00:00-24:00"}, holidays: ["persian:01-01"]})");
    const auto local = create_local_clock(zone);
    const auto closes = local->instant({2027, 3, 21}, hours(0));
    CHECK(shown(first->next_close(closes - hours(40))) == to_rfc3339(closes));
    CHECK(shown(first->next_open(closes)) == to_rfc3339(closes + hours(24)));
  }
}

TEST_CASE("the spans of the zones farthest east and west are seen to their very ends") {
  for (const auto* zone : {"Pacific/Kiritimati", "Pacific/Pago_Pago"}) {
    CAPTURE(zone);
    const auto declared = std::string("{timezone: ") + zone + R"(, week: {mon-sun: "23:59-23:58"}})";
    const auto local = create_local_clock(zone);
    for (int day = 1; day <= 28; ++day) {
      CAPTURE(day);
      const auto closed = local->instant({2027, 2, day}, hours(23) + minutes(58));
      for (const auto& [when, open] : {std::pair(closed - milliseconds(1), true), std::pair(closed, false),
                                       std::pair(closed + minutes(1), true)}) {
        const auto fresh = clock_of(declared);
        CHECK(fresh->is_open(when) == open);
        CHECK(shown(clock_of(declared)->next_close(when)) ==
              to_rfc3339(open && when > closed ? closed + hours(24) : closed));
        CHECK(clock_of(declared)->open_time_between(when, when + hours(24)) == hours(24) - minutes(1));
      }
    }
  }
}

TEST_CASE("a stretch that goes on for weeks ends where it ends, whenever it is asked") {
  for (const auto* zone : {"UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"}) {
    CAPTURE(zone);
    const auto declared = std::string("{timezone: ") + zone +
                          R"(, week: {mon-sun: "00:00-24:00"}, holidays: ["2027-06-15", "2027-09-01"]})";
    const auto closes = create_local_clock(zone)->instant({2027, 9, 1}, hours(0));
    for (int days_before = 1; days_before <= 70; ++days_before) {
      CAPTURE(days_before);
      CHECK(shown(clock_of(declared)->next_close(closes - hours(24 * days_before))) == to_rfc3339(closes));
    }
  }
}

TEST_CASE("asked hour by hour it is never behind") {
  for (const auto* zone : {"Pacific/Kiritimati", "Pacific/Pago_Pago"}) {
    CAPTURE(zone);
    const auto clock = clock_of(std::string("{timezone: ") + zone + R"(, week: {mon-sun: "00:00-23:00"}})");
    const auto begin = create_local_clock(zone)->instant({2027, 2, 1}, minutes(30));
    for (int hour = 0; hour < 24 * 80; ++hour) {
      CAPTURE(hour);
      CHECK(clock->is_open(begin + hours(hour)) == (hour % 24 != 23));
    }
  }
}

TEST_CASE("open time is summed over closed days, also to the end of all that is looked at") {
  const auto clock = clock_of(R"({timezone: UTC, week: {mon: "09:00-17:00"}, holidays: ["2027-02-01..2027-12-31"]})");
  CHECK(clock->open_time_between(at("2027-01-01T00:00:00Z"), at("2027-06-01T00:00:00Z")) == hours(4 * 8));
  CHECK(clock->open_time_between(at("2027-01-20T00:00:00Z"), at("2027-06-01T00:00:00Z")) == hours(8));
}

TEST_CASE("the next opening is looked for through three years, and no further") {
  const auto closed_until = [](const std::string& day) {
    return clock_of(R"({timezone: UTC, week: {mon-sun: "09:00-17:00"}, holidays: ["2026-01-01..)" + day + "\"]}");
  };
  const auto now = at("2026-11-27T12:00:00Z");
  CHECK(shown(closed_until("2029-10-31")->next_open(now)) == "2029-11-01T09:00:00.000Z");
  CHECK(shown(closed_until("2030-11-30")->next_open(now)) == "never");
}

TEST_CASE("hours of every whole day have their holidays, and half a day is none") {
  const auto clock = clock_of(R"({timezone: UTC, week: {mon-sun: "00:00-24:00"}, holidays: ["12-25"]})");
  CHECK_FALSE(clock->is_open(at("2026-12-25T12:00:00Z")));
  CHECK(shown(clock->next_close(at("2026-12-20T12:00:00Z"))) == "2026-12-25T00:00:00.000Z");
  CHECK(shown(clock->next_open(at("2026-12-25T00:00:00Z"))) == "2026-12-26T00:00:00.000Z");
  const auto mornings = clock_of(R"({timezone: UTC, week: {mon-sun: "00:00-12:00"}})");
  CHECK_FALSE(mornings->is_open(at("2026-12-25T12:00:00Z")));
  const auto evenings = clock_of(R"({timezone: UTC, week: {mon-sun: "12:00-24:00"}})");
  CHECK_FALSE(evenings->is_open(at("2026-12-25T11:59:00Z")));
}

TEST_CASE("times of a day may be named in any order, and touch") {
  const auto clock = clock_of(R"({timezone: UTC, week: {mon-sun: "13:00-17:00, 09:00-12:00, 12:00-13:00"}})");
  CHECK(shown(clock->next_open(at("2026-12-25T00:00:00Z"))) == "2026-12-25T09:00:00.000Z");
  CHECK(shown(clock->next_close(at("2026-12-25T09:00:00Z"))) == "2026-12-25T17:00:00.000Z");
  CHECK(clock->open_time_between(at("2026-12-25T00:00:00Z"), at("2026-12-26T00:00:00Z")) == hours(8));
}

TEST_CASE("a span that the clock skips is no opening at all") {
  const auto clock = clock_of(R"({timezone: Europe/Berlin, week: {sun: "02:10-02:50", mon: "09:00-10:00"}})");
  CHECK(shown(clock->next_open(at("2027-03-28T00:00:00Z"))) == "2027-03-29T07:00:00.000Z");
  CHECK(clock->open_time_between(at("2027-03-28T00:00:00Z"), at("2027-03-29T00:00:00Z")) == hours(0));
}

TEST_CASE("a year's last days and first days are holidays to the last of them") {
  const auto clock = clock_of(R"({timezone: UTC, week: {mon-sun: "09:00-17:00"}, holidays: ["12-31..01-02"]})");
  for (const auto* day : {"2026-12-31", "2027-01-01", "2027-01-02"}) {
    CAPTURE(day);
    CHECK_FALSE(clock->is_open(at(std::string(day) + "T10:00:00Z")));
  }
  CHECK(clock->is_open(at("2026-12-30T10:00:00Z")));
  CHECK(clock->is_open(at("2027-01-03T10:00:00Z")));
}

TEST_CASE("Nowruz is closed each year by the Persian calendar") {
  const auto clock = clock_of(
      R"({timezone: Asia/Tehran, week: {sat-wed: "09:00-17:00", thu: "09:00-13:00"}, holidays: ["persian:01-01..01-04"]})");
  // 1 Farvardin 1406 is Sunday 2027-03-21; the 25th (5 Farvardin) is a Thursday.
  CHECK(clock->is_open(at("2027-03-20T10:00:00+03:30")));
  for (const auto* day : {"2027-03-21", "2027-03-22", "2027-03-23", "2027-03-24"}) {
    CAPTURE(day);
    CHECK_FALSE(clock->is_open(at(std::string(day) + "T10:00:00+03:30")));
  }
  CHECK(shown(clock->next_open(at("2027-03-20T17:00:00+03:30"))) == "2027-03-25T05:30:00.000Z");
  // In 2028, a leap year, it is the 20th of March.
  CHECK_FALSE(clock->is_open(at("2028-03-20T10:00:00+03:30")));
}

TEST_CASE("holidays are dates, yearly dates and ranges; a span that begins before one runs into it") {
  const auto clock = clock_of(
      R"({timezone: Asia/Yerevan, week: {mon-sun: "20:00-04:00"}, holidays: ["2027-05-09", "12-31..01-02", "2027-06-01..2027-06-03"]})");
  CHECK(clock->is_open(at("2027-05-09T01:00:00+04:00")));  // the 8th's night
  CHECK_FALSE(clock->is_open(at("2027-05-09T21:00:00+04:00")));
  CHECK_FALSE(clock->is_open(at("2027-01-01T21:00:00+04:00")));
  CHECK_FALSE(clock->is_open(at("2027-12-31T21:00:00+04:00")));
  CHECK(clock->is_open(at("2027-01-03T21:00:00+04:00")));
  CHECK_FALSE(clock->is_open(at("2027-06-03T21:00:00+04:00")));
  CHECK(clock->is_open(at("2027-06-04T21:00:00+04:00")));
}

TEST_CASE("several spans a day, and days that join at midnight") {
  const auto clock =
      clock_of(R"({timezone: Asia/Yerevan, week: {mon: "09:00-12:00, 13:00-18:00", tue-wed: "00:00-24:00"}})");
  CHECK(clock->is_open(at("2026-11-23T11:59:00+04:00")));
  CHECK_FALSE(clock->is_open(at("2026-11-23T12:00:00+04:00")));
  CHECK(shown(clock->next_open(at("2026-11-23T12:00:00+04:00"))) == "2026-11-23T09:00:00.000Z");
  CHECK(shown(clock->next_close(at("2026-11-24T01:00:00+04:00"))) == "2026-11-25T20:00:00.000Z");
}

TEST_CASE("who is open always never closes, and who never opens again says so") {
  const auto always = clock_of(R"({timezone: Asia/Tehran, week: {mon-sun: "00:00-24:00"}})");
  CHECK(always->is_open(at("2026-11-27T23:59:59Z")));
  CHECK(shown(always->next_close(at("2026-11-27T00:00:00Z"))) == "never");
  CHECK(shown(always->add_open_time(at("2026-11-27T00:00:00Z"), hours(48))) == "2026-11-29T00:00:00.000Z");
  const auto over =
      clock_of(R"({timezone: Asia/Tehran, week: {mon-sun: "09:00-17:00"}, holidays: ["2026-01-01..2040-01-01"]})");
  CHECK(shown(over->next_open(at("2026-11-27T00:00:00Z"))) == "never");
  CHECK(shown(over->add_open_time(at("2026-11-27T00:00:00Z"), hours(1))) == "never");
}

TEST_CASE("questions in any order get the answers of a clock that was asked nothing before") {
  const auto* declared = R"({timezone: Europe/Berlin, week: {mon-fri: "08:15-17:45", sat: "22:00-03:00"}})";
  const auto clock = clock_of(declared);
  SeededRandom random(7);
  const auto start = to_unix_ms(at("2020-01-01T00:00:00Z"));
  for (int round = 0; round < 300; ++round) {
    const auto span = static_cast<std::uint64_t>(hours(24 * 365 * 12) / milliseconds(1));
    const auto when = from_unix_ms(start + static_cast<std::int64_t>(random.next() % span));
    const auto fresh = clock_of(declared);
    CAPTURE(to_rfc3339(when));
    CHECK(clock->is_open(when) == fresh->is_open(when));
    CHECK(shown(clock->next_open(when)) == shown(fresh->next_open(when)));
    CHECK(shown(clock->next_close(when)) == shown(fresh->next_close(when)));
    const auto later = clock->add_open_time(when, hours(30));
    REQUIRE(later.has_value());
    CHECK(clock->open_time_between(when, *later) == hours(30));
  }
}

TEST_CASE("the date of an instant depends on the zone and the calendar") {
  const auto when = at("2027-03-20T21:00:00Z");
  CHECK(date_at(when, "UTC", Calendar::gregorian) == CalendarDate{2027, 3, 20});
  CHECK(date_at(when, "Asia/Tehran", Calendar::gregorian) == CalendarDate{2027, 3, 21});
  CHECK(date_at(when, "Asia/Tehran", Calendar::persian) == CalendarDate{1406, 1, 1});
}

}  // namespace peyk::config
