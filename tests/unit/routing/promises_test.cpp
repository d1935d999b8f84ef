// When a promise is due, by the hours it runs in.
#include "routing/promises.h"

#include <doctest/doctest.h>

namespace peyk::routing {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<config::HoursClock> nine_to_five() {
  config::Hours hours;
  hours.timezone = "UTC";
  for (auto& day : hours.week) day = {{9 * 60, 17 * 60}};
  return config::create_hours_clock(hours);
}

Time at(const char* text) {
  return parse_rfc3339(text).value();
}

}  // namespace

TEST_CASE("a promise runs only while its hours are open") {
  const auto hours = nine_to_five();
  const auto promise = pin_promise({2h, 10h}, at("2026-11-22T16:00:00Z"), config::PromiseClock::open_hours, *hours);
  CHECK(promise.first_reply_by == at("2026-11-23T10:00:00Z"));
  CHECK(promise.resolve_by == at("2026-11-24T10:00:00Z"));
}

TEST_CASE("a promise may run always") {
  const auto hours = nine_to_five();
  const auto promise = pin_promise({2h, 10h}, at("2026-11-22T16:00:00Z"), config::PromiseClock::always, *hours);
  CHECK(promise.first_reply_by == at("2026-11-22T18:00:00Z"));
  CHECK(promise.resolve_by == at("2026-11-23T02:00:00Z"));
}

TEST_CASE("hours that never open still give a date") {
  const auto never = config::create_hours_clock({HoursName("never"), "UTC", {}, {}});
  const auto start = at("2026-11-22T16:00:00Z");
  CHECK(pin_promise({2h, 10h}, start, config::PromiseClock::open_hours, *never).first_reply_by == start + 2h);
}

}  // namespace peyk::routing
