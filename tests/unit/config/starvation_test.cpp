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
  const auto bounds = starvation_bounds(*with_priorities());
  REQUIRE(bounds.size() == 3);
  CHECK(bounds[0].bound == minutes(2));
  CHECK(bounds[1].bound == hours(32));  // 4 h × 4 ÷ 0.5
  CHECK(bounds[2].bound == minutes(8));
}

TEST_CASE("a larger exponent brings the bound nearer") {
  const auto bounds = starvation_bounds(*with_priorities("urgency: {exponent: 3}\n"));
  CHECK(bounds[1].bound == hours(8));  // 4 h × 8 ^ (1/3)
}

TEST_CASE("past its bound a conversation ranks before all that are within their promise") {
  const auto config = with_priorities("urgency: {exponent: 1.5, values: {low: 0.2, urgent: 9}}\n");
  const auto bounds = starvation_bounds(*config);
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
  const auto text = describe_starvation(*with_priorities());
  CHECK(text.find("route 2: queue service, priority low, first reply within 4h: after 1d 8h") != std::string::npos);
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
