// Local clocks and dates as instants, and back.
#include "config/local_time.h"

#include <doctest/doctest.h>

namespace peyk::config {

using std::chrono::hours;

TEST_CASE("a local clock's time and date become an instant, and back") {
  const auto tehran = create_local_clock("Asia/Tehran");
  CHECK(to_rfc3339(tehran->instant({2026, 11, 21}, hours(9))) == "2026-11-21T05:30:00.000Z");
  CHECK(tehran->ahead(*parse_rfc3339("2026-11-21T05:30:00Z")) == std::chrono::minutes(210));
  CHECK(tehran->date(*parse_rfc3339("2026-11-21T20:29:00Z")) == CalendarDate{2026, 11, 21});
  CHECK(tehran->date(*parse_rfc3339("2026-11-21T20:30:00Z")) == CalendarDate{2026, 11, 22});
}

TEST_CASE("hours beyond a day belong to the days beside it") {
  const auto yerevan = create_local_clock("Asia/Yerevan");
  CHECK(to_rfc3339(yerevan->instant({2026, 12, 31}, hours(30))) == "2027-01-01T02:00:00.000Z");
  CHECK(to_rfc3339(yerevan->instant({2027, 1, 1}, hours(-24))) == "2026-12-30T20:00:00.000Z");
}

TEST_CASE("a day on which the clock changes is 23 or 25 hours long") {
  const auto berlin = create_local_clock("Europe/Berlin");
  CHECK(berlin->instant({2026, 3, 30}, hours(0)) - berlin->instant({2026, 3, 29}, hours(0)) == hours(23));
  CHECK(berlin->instant({2026, 10, 26}, hours(0)) - berlin->instant({2026, 10, 25}, hours(0)) == hours(25));
}

TEST_CASE("right before and after the clock changes it is what it shows that counts") {
  const auto berlin = create_local_clock("Europe/Berlin");
  const auto at = [&berlin](int month, int day, int hour) {
    return to_rfc3339(berlin->instant({2026, month, day}, hours(hour)));
  };
  CHECK(at(3, 29, 1) == "2026-03-29T00:00:00.000Z");
  CHECK(at(3, 29, 3) == "2026-03-29T01:00:00.000Z");
  CHECK(at(10, 25, 1) == "2026-10-24T23:00:00.000Z");
  CHECK(at(10, 25, 4) == "2026-10-25T03:00:00.000Z");
  CHECK(berlin->ahead(*parse_rfc3339("2026-03-29T00:59:59Z")) == hours(1));
  CHECK(berlin->ahead(*parse_rfc3339("2026-03-29T01:00:00Z")) == hours(2));
  CHECK(berlin->ahead(*parse_rfc3339("2026-10-25T00:59:59Z")) == hours(2));
  CHECK(berlin->ahead(*parse_rfc3339("2026-10-25T01:00:00Z")) == hours(1));
}

TEST_CASE("an unknown zone is UTC") {
  CHECK(to_rfc3339(create_local_clock("Nowhere/Land")->instant({2026, 11, 21}, hours(9))) ==
        "2026-11-21T09:00:00.000Z");
}

TEST_CASE("a day is a Gregorian date with a year") {
  CHECK(*parse_day("2027-03-21") == CalendarDate{2027, 3, 21});
  for (const auto* wrong : {"", "03-21", "2027-03-21..2027-03-22", "persian:1406-01-01", "2027-02-30", "tomorrow"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_day(wrong));
  }
}

}  // namespace peyk::config
