// Rates by key, and how long to wait.
#include "channels/web/rate_limiter.h"

#include <doctest/doctest.h>

namespace peyk::channels {

using std::chrono::seconds;

TEST_CASE("a rate lets so many through in any span of its length, and says how long to wait") {
  RateLimiter limiter;
  const config::Rate rate{2, seconds(10)};
  const auto start = from_unix_ms(1'000'000);
  CHECK_FALSE(limiter.refuse("a", rate, start));
  CHECK_FALSE(limiter.refuse("a", rate, start + seconds(6)));
  CHECK(limiter.refuse("a", rate, start + seconds(7)).value() == seconds(3));
  CHECK_FALSE(limiter.refuse("a", rate, start + seconds(10)));
  CHECK(limiter.refuse("a", rate, start + seconds(11)).value() == seconds(5));
  CHECK_FALSE(limiter.refuse("b", rate, start + seconds(11)));
}

TEST_CASE("keys are forgotten, least used first, when there are too many") {
  RateLimiter limiter(2);
  const config::Rate rate{1, seconds(10)};
  const auto now = from_unix_ms(1'000'000);
  CHECK_FALSE(limiter.refuse("a", rate, now));
  CHECK_FALSE(limiter.refuse("b", rate, now));
  CHECK(limiter.refuse("a", rate, now));
  CHECK_FALSE(limiter.refuse("c", rate, now));
  CHECK(limiter.size() == 2);
  CHECK(limiter.refuse("a", rate, now));
  CHECK_FALSE(limiter.refuse("b", rate, now));
}

TEST_CASE("Retry-After is whole seconds, one at least") {
  CHECK(retry_after_seconds(Milliseconds(1)) == "1");
  CHECK(retry_after_seconds(Milliseconds(1000)) == "1");
  CHECK(retry_after_seconds(Milliseconds(1001)) == "2");
}

}  // namespace peyk::channels
