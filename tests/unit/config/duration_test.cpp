// Durations and sizes as text.
#include "config/duration.h"

#include <doctest/doctest.h>

namespace peyk::config {

TEST_CASE("a duration is a number and a unit, or several from the largest down") {
  CHECK(parse_duration("250ms").value() == std::chrono::milliseconds(250));
  CHECK(parse_duration("90s").value() == std::chrono::seconds(90));
  CHECK(parse_duration("4h").value() == std::chrono::hours(4));
  CHECK(parse_duration("1h30m").value() == std::chrono::minutes(90));
  CHECK(parse_duration("0s").value() == Duration::zero());
}

TEST_CASE("what is no duration is refused") {
  for (const auto* text : {"", "90", "s", "-1s", "1.5h", "30m1h", "1h1h", "1 h", "99999999999d", "9999d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("a size is a number of bytes or of binary units") {
  CHECK(parse_size("512").value() == 512);
  CHECK(parse_size("16KiB").value() == 16384);
  CHECK(parse_size("25MiB").value() == 25U << 20U);
  for (const auto* text : {"", "MiB", "25MB", "1.5GiB", "-1", "99999999GiB"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text).has_value());
  }
}

}  // namespace peyk::config
