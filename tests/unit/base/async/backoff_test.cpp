// Waits between attempts: their growth, their spread and their reset.
#include "base/async/backoff.h"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace peyk {
namespace {

TEST_CASE("waits double up to the limit, each between half and the whole of it") {
  SeededRandom random(1);
  Backoff backoff(100ms, 1s, random);
  for (const auto whole : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    const auto wait = backoff.next();
    CHECK(wait >= whole / 2);
    CHECK(wait <= whole);
  }
}

TEST_CASE("two who failed together do not come back together") {
  SeededRandom random(2);
  Backoff first(10s, 10s, random);
  Backoff second(10s, 10s, random);
  CHECK(first.next() != second.next());
}

TEST_CASE("a reset begins anew") {
  SeededRandom random(3);
  Backoff backoff(100ms, 1h, random);
  for (int i = 0; i < 100; ++i) backoff.next();
  CHECK(backoff.next() <= 1h);
  backoff.reset();
  CHECK(backoff.next() <= 100ms);
}

}  // namespace
}  // namespace peyk
