// How long a conversation may be passed over, and how that is told.
#include "config/starvation.h"

#include <chrono>
#include <cmath>

#include <doctest/doctest.h>

#include "tests/support/config_text.h"

namespace peyk::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kNow = parse_rfc3339("2026-11-22T12:00:00Z").value();

ConfigPtr with_priorities(const std::string& more = {}) {
  return test::load_right(test::minimal_with("  - queue: service\n",
                                             "  - when: {language: hy}\n    queue: service\n    priority: urgent\n"
                                             "  - when: {language: fa}\n    queue: service\n"
                                             "    promise: {first_reply: 4h}\n    priority: low\n"
                                             "  - queue: service\n") +
                          more);
}

}  // namespace

TEST_CASE("the bound is the promise times the ratio of values") {
  const auto bounds = starvation_bounds(*with_priorities(), kNow);
  REQUIRE(bounds.size() == 3);
  CHECK(bounds[0].bound == minutes(2));
  CHECK(bounds[1].bound == hours(32));  // 4 h × 4 ÷ 0.5
  CHECK(bounds[2].bound == minutes(8));
}

TEST_CASE("a larger exponent brings the bound nearer") {
  const auto bounds = starvation_bounds(*with_priorities("urgency: {exponent: 3}\n"), kNow);
  CHECK(bounds[1].bound == hours(8));  // 4 h × 8 ^ (1/3)
}

TEST_CASE("past its bound a conversation ranks before all that are within their promise") {
  const auto config = with_priorities("urgency: {exponent: 1.5, values: {low: 0.2, urgent: 9}}\n");
  const auto bounds = starvation_bounds(*config, kNow);
  const auto score = [&](const StarvationBound& of, Duration age) {
    const auto ratio = static_cast<double>(age.count()) / static_cast<double>(of.promise.count());
    return config->urgency.values[static_cast<std::size_t>(of.priority)] * std::pow(ratio, config->urgency.exponent);
  };
  for (const auto& waiting : bounds) {
    for (const auto& other : bounds) CHECK(score(waiting, waiting.bound + seconds(1)) > score(other, other.promise));
  }
  CHECK(score(bounds[1], bounds[1].bound - minutes(1)) < score(bounds[0], bounds[0].promise));
}

TEST_CASE("the text names each route with its bound") {
  const auto text = describe_starvation(*with_priorities(), kNow);
  CHECK(text.find("route 2: queue service, priority low, first reply within 4h: after 1d 8h") != std::string::npos);
}

namespace {

/// A mail queue with four hours to answer, open from nine to five on five days a week, beside a chat queue with two
/// minutes that is open always.
ConfigPtr with_hours(const std::string& more = {}, const std::string& overflow = {}) {
  return test::load_right(
      "version: 1\nredis: {url: \"unix:///run/redis.sock\"}\nhttp: {listen: \"127.0.0.1:0\"}\n"
      "channels:\n  site-chat: {kind: chat}\n"
      "hours:\n  office: {timezone: UTC, week: {mon-fri: \"09:00-17:00\"}}\n"
      "queues:\n  mail: {promise: {first_reply: 4h, resolve: 2d}, hours: office" +
      overflow +
      "}\n  chat: {promise: {first_reply: 2m, resolve: 2d}}\n"
      "routes:\n  - when: {language: hy}\n    queue: mail\n  - queue: chat\n"
      "agents:\n  ani: {name: Ani, queues: [mail, chat], capacity: 4}\n" +
      more);
}

}  // namespace

TEST_CASE(
    "a promise that stands still while its queue is closed lets its conversations grow old, and the bound says so") {
  // One that comes as it closes on Friday is within its promise until one o'clock on Monday: 68 h, 17 times 4 h.
  const auto bounds = starvation_bounds(*with_hours(), kNow);
  CHECK(bounds[0].bound == hours(68));
  CHECK(bounds[1].bound == minutes(2 * 17));
  const auto always = starvation_bounds(*with_hours("promise_clock: always\n"), kNow);
  CHECK(always[0].bound == hours(4));
  CHECK(always[1].bound == minutes(2));
}

TEST_CASE("holidays of the coming year count, and those that are over do not") {
  const std::string rest = ", overflow: []";
  auto config = *with_hours({}, rest);
  config.hours.at(HoursName("office")).holidays = {parse_date_range("2027-03-22..2027-03-26").value()};
  CHECK(starvation_bounds(config, kNow)[0].bound == hours(68 + 7 * 24));
  CHECK(starvation_bounds(config, parse_rfc3339("2027-04-01T00:00:00Z").value())[0].bound == hours(68));
}

TEST_CASE("what overflows is measured by the other queue's promise, and may pass others there at its age") {
  const auto bounds =
      starvation_bounds(*with_hours("promise_clock: always\n", ", overflow: [{when: {waiting: 5}, to: chat}]"), kNow);
  CHECK(bounds[0].bound == hours(4 * 120));    // 4 h × 4 h ÷ 2 m
  CHECK(bounds[1].bound == minutes(2 * 120));  // chats behind mails of up to 4 h
}

TEST_CASE("durations are shown in their two largest units, rounded up") {
  CHECK(rounded(seconds(45)) == "45s");
  CHECK(rounded(minutes(90)) == "1h 30m");
  CHECK(rounded(hours(48)) == "2d");
  CHECK(rounded(hours(24) - seconds(1)) == "24h");
  CHECK(rounded(seconds(61)) == "1m 1s");
  CHECK(rounded(Duration(1)) == "1s");
  CHECK(rounded(Duration(0)) == "0s");
}

}  // namespace peyk::config
