// Days made by hand and their simulation on a Redis of the test's own; times count from the morning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/config.h"
#include "routing/simulation/day.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

namespace peyk::test {

/// A desk with the channels `chat` and `mail`; `rest` is the YAML of all else. Throws with the errors when it is wrong.
config::ConfigPtr desk_of_day(std::string_view rest);

constexpr Time kMorning{std::chrono::milliseconds(1'795'330'800'000)};  // Sunday 2026-11-22 07:00 UTC

routing::simulation::Day day_of(std::chrono::milliseconds length);
routing::simulation::Arrival chat(std::chrono::milliseconds at, std::chrono::milliseconds handling);
routing::simulation::Shift shift(std::string_view agent, std::chrono::milliseconds from, std::chrono::milliseconds to);

/// Arrivals in the order of their time, whatever order they were drawn in.
void sort_arrivals(routing::simulation::Day& day);

/// Milliseconds; -1: never.
std::int64_t after(const std::optional<Time>& at);

/// All that came of a day, to be compared with that of another run.
std::string shown(const routing::simulation::Outcome& outcome);

/// Under the seed 1.
Result<routing::simulation::Outcome> attempt_day(Loop& loop, const RedisServer& server, const config::ConfigPtr& config,
                                                 const routing::simulation::Day& day);
/// Throws when the day is refused.
routing::simulation::Outcome run_day(Loop& loop, const RedisServer& server, const config::ConfigPtr& config,
                                     const routing::simulation::Day& day);

/// Days on one server.
struct DayFixture {
  routing::simulation::Outcome simulated(const config::ConfigPtr& config, const routing::simulation::Day& day) {
    return run_day(loop, server, config, day);
  }

  RedisServer server;
  Loop loop;
};

}  // namespace peyk::test
