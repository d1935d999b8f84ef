// Random traffic against the reference model. PEYK_SEED replays one seed, PEYK_EVENTS says how many events in all.
#include <cstdlib>

#include <doctest/doctest.h>

#include "tests/support/traffic.h"

namespace peyk::test {
namespace {

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoll(text);
}

}  // namespace

TEST_CASE("50,000 random events: after each the invariants hold and the rules decide as by brute force") {
  const RedisServer server;
  const auto events = from_environment("PEYK_EVENTS", 50'000);
  const auto seed = from_environment("PEYK_SEED", 0);
  constexpr std::int64_t kEach = 2'500;  // a stream that is folded at every audit stays short
  for (std::int64_t run = 0; run * kEach < events; ++run) {
    const auto this_seed = static_cast<std::uint64_t>(seed != 0 ? seed : 1 + run);
    const auto failure = run_traffic(server.endpoint(), this_seed, static_cast<int>(std::min(kEach, events)));
    REQUIRE_MESSAGE(!failure, *failure);
    if (seed != 0) break;
  }
}

}  // namespace peyk::test
