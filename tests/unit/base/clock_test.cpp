// Times as text, and back.
#include "base/clock.h"

#include <doctest/doctest.h>

namespace peyk {

TEST_CASE("a time is written in UTC with milliseconds and read back") {
  const auto time = from_unix_ms(1'795'321'560'123);
  CHECK(to_rfc3339(time) == "2026-11-22T04:26:00.123Z");
  CHECK(parse_rfc3339("2026-11-22T04:26:00.123Z").value() == time);
}

TEST_CASE("an offset from UTC is taken away") {
  CHECK(parse_rfc3339("2026-11-22T07:56:00.1+03:30").value() == from_unix_ms(1'795'321'560'100));
}

TEST_CASE("what is no time is refused") {
  for (const auto* text : {"", "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T04:26:00",
                           "2026-11-22T04:26:00.Z", "2026-11-22T04:26:00Zx", "2026-11-22T04:26:00+3:30"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
}

}  // namespace peyk
