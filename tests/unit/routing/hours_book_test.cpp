// Clocks by the names of their hours.
#include "routing/hours_book.h"

#include <doctest/doctest.h>

namespace peyk::routing {
namespace {

const HoursName kDay("day");
const HoursName kNever("never");

config::ConfigPtr with_hours() {
  auto config = std::make_shared<config::Config>();
  config::Hours hours;
  hours.timezone = "UTC";
  config->hours.emplace(kNever, hours);
  for (auto& day : hours.week) day = {{9 * 60, 17 * 60}};
  config->hours.emplace(kDay, hours);
  return config;
}

Time at(const char* text) {
  return parse_rfc3339(text).value();
}

}  // namespace

TEST_CASE("a name has the clock of its own hours") {
  HoursBook book(with_hours());
  CHECK(book.clock(kDay).is_open(at("2026-11-22T16:59:59Z")));
  CHECK_FALSE(book.clock(kDay).is_open(at("2026-11-22T17:00:00Z")));
  CHECK_FALSE(book.clock(kNever).is_open(at("2026-11-22T12:00:00Z")));
}

TEST_CASE("hours that have no name, or an unknown one, are always open") {
  HoursBook book(with_hours());
  for (const auto* name : {"", "nobody's"}) {
    CAPTURE(name);
    CHECK(book.clock(HoursName(name)).is_open(at("2026-11-22T03:00:00Z")));
    CHECK_FALSE(book.clock(HoursName(name)).next_close(at("2026-11-22T03:00:00Z")).has_value());
  }
}

TEST_CASE("a clock is made once, and outlives whoever gave the configuration") {
  auto config = with_hours();
  const std::weak_ptr<const config::Config> alive = config;
  HoursBook book(std::move(config));
  config.reset();
  CHECK_FALSE(alive.expired());
  const auto* first = &book.clock(kDay);
  CHECK(&book.clock(kNever) != first);
  CHECK(&book.clock(kDay) == first);
}

TEST_CASE("the next change is the first of all hours that open or close") {
  const auto config = std::make_shared<config::Config>(*with_hours());
  config::Hours late;
  late.timezone = "Asia/Yerevan";
  for (auto& day : late.week) day = {{10 * 60, 22 * 60}};
  config->hours.emplace("late", late);
  HoursBook book(config);
  CHECK(book.next_change(at("2026-11-22T05:00:00Z")) == at("2026-11-22T06:00:00Z"));
  CHECK(book.next_change(at("2026-11-22T06:00:00Z")) == at("2026-11-22T09:00:00Z"));
  CHECK(book.next_change(at("2026-11-22T16:59:59.900Z")) == at("2026-11-22T17:00:00Z"));
  CHECK(book.next_change(at("2026-11-22T17:00:00Z")) == at("2026-11-22T18:00:00Z"));
  CHECK_FALSE(HoursBook(std::make_shared<config::Config>()).next_change(at("2026-11-22T17:00:00Z")).has_value());
}

}  // namespace peyk::routing
