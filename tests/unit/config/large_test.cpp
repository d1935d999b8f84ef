// A large desk loads in a time nobody notices.
#include <chrono>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "config/hours.h"
#include "tests/support/config_text.h"

namespace peyk::config {

TEST_CASE("ten thousand agents load, and each is checked") {
  auto text = test::minimal();
  for (int agent = 0; agent < 10'000; ++agent) {
    text += fmt::format(
        "  agent-{0}: {{name: Agent {0}, skills: {{cooling: 2, en: 3}}, queues: [service], capacity: 6, supervisor: "
        "boss}}\n",
        agent);
  }
  text += "  boss: {name: Boss, role: supervisor}\n";
  const auto start = std::chrono::steady_clock::now();
  const auto config = test::load_right(text);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  CHECK(config->agents.size() == 10'002);
  MESSAGE("10,000 agents in ", took.count(), " ms");
}

TEST_CASE("a question to a clock of hours costs a search, once its days are laid out") {
  const auto config =
      test::load_right(test::minimal() + "hours: {shop: {timezone: Asia/Tehran, week: {sat-wed: \"09:00-17:00\"}}}\n");
  const auto clock = create_hours_clock(config->hours.at(HoursName("shop")));
  const auto base = from_unix_ms(1'795'321'560'000);
  const auto start = std::chrono::steady_clock::now();
  std::int64_t open = 0;
  for (int question = 0; question < 100'000; ++question) {
    open += clock->is_open(base + std::chrono::minutes(question % 10'000)) ? 1 : 0;
  }
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start);
  CHECK(open > 0);
  MESSAGE("one question in ", took.count() / 100'000, " ns");
}

}  // namespace peyk::config
