// What bytes pay for.
#include "base/net/pace.h"

#include <doctest/doctest.h>

namespace peyk::net {
namespace {

using namespace std::chrono_literals;

constexpr Pace::Time kBegin{1000s};

}  // namespace

TEST_CASE("16 KiB pay for a second, and less for its part of one") {
  Pace pace(kBegin);
  CHECK(pace.pay(16'384, kBegin + 60s) == kBegin + 1s);
  CHECK(pace.pay(8'192, kBegin + 60s) == kBegin + 1500ms);
  CHECK(pace.pay(0, kBegin + 60s) == kBegin + 1500ms);
}

TEST_CASE("what came faster than the pace is not saved up") {
  Pace pace(kBegin);
  CHECK(pace.pay(100'000'000, kBegin + 2s) == kBegin + 2s);
  CHECK(pace.pay(16'384, kBegin + 60s) == kBegin + 3s);
}

TEST_CASE("what counts as a whole pays from the beginning, however fast its first part went") {
  const Pace pace(kBegin);
  CHECK(pace.paid_by_all(163'840, kBegin + 1s) == kBegin + 1s);
  CHECK(pace.paid_by_all(163'840, kBegin + 60s) == kBegin + 10s);
}

TEST_CASE("gigabytes do not overflow") {
  Pace pace(kBegin);
  CHECK(pace.pay(std::uint64_t{16} << 30U, kBegin + 2'000'000s) == kBegin + 1'048'576s);
}

}  // namespace peyk::net
