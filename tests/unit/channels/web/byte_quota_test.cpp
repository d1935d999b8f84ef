// Bytes by key and time.
#include "channels/web/byte_quota.h"

#include <doctest/doctest.h>

namespace peyk::channels {

TEST_CASE("so many bytes in a time, for each key by itself, then anew") {
  ByteQuota quota(std::chrono::hours(24));
  const Time now = from_unix_ms(1'800'000'000'000);
  CHECK(quota.take("a", 60, 100, now));
  CHECK_FALSE(quota.take("a", 41, 100, now));
  CHECK(quota.take("a", 40, 100, now));
  CHECK_FALSE(quota.take("a", 1, 100, now + std::chrono::hours(23)));
  CHECK(quota.take("b", 100, 100, now));
  CHECK_FALSE(quota.take("c", 101, 100, now));
  CHECK(quota.take("a", 100, 100, now + std::chrono::hours(24)));
}

TEST_CASE("how long until more fits is known without taking it") {
  ByteQuota quota(std::chrono::hours(24));
  const Time now = from_unix_ms(1'800'000'000'000);
  CHECK_FALSE(quota.refuses("a", 100, 100, now).has_value());
  CHECK(quota.refuses("a", 101, 100, now) == std::chrono::hours(24));
  REQUIRE(quota.take("a", 60, 100, now));
  const auto later = now + std::chrono::hours(1);
  CHECK_FALSE(quota.refuses("a", 40, 100, later).has_value());
  CHECK(quota.refuses("a", 41, 100, later) == std::chrono::hours(23));
  CHECK(quota.take("a", 40, 100, later));
  CHECK_FALSE(quota.refuses("a", 100, 100, now + std::chrono::hours(24)).has_value());
  quota.give_back("a", 100);
  CHECK_FALSE(quota.refuses("a", 100, 100, later).has_value());
}

TEST_CASE("what is given back may be taken again, and no more than was taken") {
  ByteQuota quota(std::chrono::hours(24));
  const Time now = from_unix_ms(1'800'000'000'000);
  REQUIRE(quota.take("a", 60, 100, now));
  REQUIRE(quota.take("a", 40, 100, now));
  quota.give_back("a", 40);
  CHECK_FALSE(quota.take("a", 41, 100, now));
  CHECK(quota.take("a", 40, 100, now));
  quota.give_back("a", 1000);
  CHECK_FALSE(quota.take("a", 101, 100, now));
  CHECK(quota.take("a", 100, 100, now));
  quota.give_back("nobody", 10);
  CHECK_FALSE(quota.take("nobody", 101, 100, now));
}

TEST_CASE("keys beyond the most it keeps make room") {
  ByteQuota quota(std::chrono::hours(24), 2);
  const Time now = from_unix_ms(1'800'000'000'000);
  for (const auto* key : {"a", "b", "c", "d"}) CHECK(quota.take(key, 100, 100, now));
}

}  // namespace peyk::channels
