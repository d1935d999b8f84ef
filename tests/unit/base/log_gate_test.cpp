// One line a second, whatever happens.
#include "base/log_gate.h"

#include <doctest/doctest.h>

#include "base/clock.h"

namespace peyk {

TEST_CASE("the first line comes through, and one a second after it with the count of the others") {
  LogGate gate;
  const std::chrono::steady_clock::time_point start(std::chrono::hours(1));
  CHECK(gate.open(start) == 0U);
  CHECK_FALSE(gate.open(start));
  CHECK_FALSE(gate.open(start + Milliseconds(999)));
  CHECK(gate.open(start + Milliseconds(1000)) == 2U);
  CHECK_FALSE(gate.open(start + Milliseconds(1999)));
  CHECK(gate.open(start + Milliseconds(5000)) == 1U);
  CHECK(gate.open(start + Milliseconds(6000)) == 0U);
}

TEST_CASE("a clock that stepped back keeps no line back") {
  LogGate gate;
  const auto noon = from_unix_ms(1'800'000'000'000);
  CHECK(gate.open(noon) == 0U);
  CHECK_FALSE(gate.open(noon));
  CHECK(gate.open(noon - Milliseconds(1)) == 1U);
}

}  // namespace peyk
