// Estimated waits from events as the scripts write them, where conversations change their queue.
#include "routing/wait_estimate.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/store.h"
#include "tests/support/stream.h"

namespace peyk::test {
namespace {

const QueueName kService("service");
const QueueName kBilling("billing");

/// Nobody serves "service"; mehri, in "billing", has room for all.
struct Moving : StoreFixture {
  std::unique_ptr<routing::WaitEstimator> estimator = routing::create_wait_estimator();

  Moving() { available({.name = "mehri", .queues = {"billing"}, .capacity = 10'000}); }

  /// "service" gets this rule, which leads to "billing".
  void rule(json::object when) {
    when["to"] = json::object{{"queue", "billing"}};
    auto queue = standard_queue("service");
    queue["overflow"] = json::array{std::move(when)};
    store.call("roster_queue", queue);
  }
  std::string comes() { return text_of(arrive(), "conversation"); }
  void pass(std::int64_t milliseconds) {
    for (std::int64_t passed = 0; passed < milliseconds; passed += 10'000) {
      store.call("renew", {{"agent", "mehri"}, {"socket", "1"}});
      store.pass(std::min<std::int64_t>(10'000, milliseconds - passed));
    }
  }
  /// The median for who would be the next in this line.
  std::optional<double> first_in(const QueueName& queue) {
    const auto wait = estimator->estimate(queue, ChannelKind::email, 1);
    return wait ? std::optional(wait->p50) : std::nullopt;
  }
  /// Shows the estimator what was written since it was last called.
  void listen() {
    for (const auto& event : read_stream(store, last_)) {
      last_ = event.id;
      estimator->observe(event);
    }
  }

 private:
  std::string last_;
};

}  // namespace

TEST_CASE_FIXTURE(Moving, "what overflows as it comes, and is offered at once, is served where it went") {
  rule({{"closed", true}});
  store.call("queue_state", {{"queue", "service"}, {"closed", true}});
  for (int i = 0; i < 12; ++i) {
    const auto id = comes();
    REQUIRE(offered_to(id) == "mehri");
    accept("mehri", offers("mehri").front());
    pass(60'000);
    by_owner("resolve", id);
  }
  comes();
  accept("mehri", offers("mehri").front());
  listen();
  CHECK_FALSE(first_in(kService).has_value());
  CHECK(first_in(kBilling).value() == doctest::Approx(41.6).epsilon(0.05));  // one server, 60 s each
}

TEST_CASE_FIXTURE(Moving,
                  "what overflows after a time waited there until then; the other queue's wait begins with it") {
  rule({{"after", 90'000}});
  const auto at_once = comes();
  pass(90'000);
  REQUIRE(offered_to(at_once) == "mehri");
  listen();
  CHECK_FALSE(first_in(kService).has_value());
  CHECK_FALSE(first_in(kBilling).has_value());
  store.now += 5'000;
  accept("mehri", offers("mehri").front());
  listen();
  // Nobody was taken from "service", and who was offered at once in "billing" did not wait there.
  CHECK_FALSE(first_in(kService).has_value());
  CHECK_FALSE(first_in(kBilling).has_value());
  const auto declined = comes();
  pass(90'000);
  REQUIRE(offered_to(declined) == "mehri");
  store.now += 3'000;
  store.call("decline", {{"agent", "mehri"}, {"actor", actor("mehri")}, {"offer", offers("mehri").front()}});
  REQUIRE(state(declined) == "waiting");
  const auto moved = store.now - 3'000;
  while (offered_to(declined).empty()) pass(10'000);
  accept("mehri", offers("mehri").front());
  listen();
  CHECK_FALSE(first_in(kService).has_value());
  CHECK(first_in(kBilling).value() == doctest::Approx(static_cast<double>(store.now - moved) / 1000));
  CHECK(estimator->error_ratio(kBilling) == 0);
}

TEST_CASE_FIXTURE(Moving,
                  "of the wait of who wakes while his agent is away nothing is said: he stands where he stood") {
  const auto id = comes();
  pass(60'000);
  available({.name = "ani", .queues = {"service"}});
  accept("ani", offers("ani").front());
  by_owner("snooze", id, {{"until", store.now + 600'000}});
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  pass(600'000);
  REQUIRE(state(id) == "waiting");
  listen();
  REQUIRE(first_in(kService).value() == doctest::Approx(60));
  pass(300'000);
  available("ani");
  accept("ani", offers("ani").front());
  listen();
  CHECK(first_in(kService).value() == doctest::Approx(300));
  CHECK(estimator->error_ratio(kService) == 0);
}

TEST_CASE_FIXTURE(Moving, "whose queue goes while he is worked on is worked on where his conversation went") {
  for (int i = 0; i < 12; ++i) {
    const auto id = text_of(arrive("email", {{"queue", "billing"}}), "conversation");
    accept("mehri", offers("mehri").front());
    pass(60'000);
    by_owner("resolve", id);
  }
  add({.name = "mehri", .queues = {"service", "billing"}, .capacity = 10'000});
  const auto id = comes();
  accept("mehri", offers("mehri").front());
  listen();
  CHECK_FALSE(first_in(kBilling).has_value());
  store.call("roster_remove_queue", {{"queue", "service"}, {"to", {{"queue", "billing"}}}});
  by_owner("reply", id, {{"key", store.now}, {"message", "m_reply"}, {"channel", "email"}});
  listen();
  CHECK(first_in(kBilling).value() == doctest::Approx(41.6).epsilon(0.05));
}

}  // namespace peyk::test
