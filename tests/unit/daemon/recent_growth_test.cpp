// Counts that became larger, and when.
#include "daemon/recent_growth.h"

#include <doctest/doctest.h>

namespace peyk::daemon {

TEST_CASE("a count has grown lately until it has stood still for the time") {
  RecentGrowth growth(std::chrono::minutes(10));
  const Time start = from_unix_ms(1'800'000'000'000);
  CHECK_FALSE(growth.grew(0, start));
  CHECK(growth.grew(1, start));
  CHECK(growth.grew(1, start + std::chrono::seconds(599)));
  CHECK_FALSE(growth.grew(1, start + std::chrono::seconds(600)));
  CHECK(growth.grew(3, start + std::chrono::seconds(700)));
  CHECK(growth.grew(4, start + std::chrono::seconds(1200)));
  CHECK(growth.grew(4, start + std::chrono::seconds(1799)));
  CHECK_FALSE(growth.grew(4, start + std::chrono::seconds(1800)));
}

}  // namespace peyk::daemon
