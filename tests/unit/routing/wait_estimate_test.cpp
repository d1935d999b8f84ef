#include "routing/wait_estimate.h"

#include <doctest/doctest.h>

namespace peyk::routing {
namespace {

Event event(std::string type, const std::string& conversation, int at_s, std::string actor = "system") {
  Event made;
  made.type = std::move(type);
  made.conversation = ConversationId(conversation);
  made.at = from_unix_ms(at_s * 1000);
  made.actor = std::move(actor);
  made.ids = {{"queue", "service"}};
  return made;
}

const QueueName kService("service");

}  // namespace

TEST_CASE("the wait of one step is exponential") {
  const auto wait = estimate_wait({1, 0.01, 0}, 1).value();  // mean 100 s: medians 69 s, 90 % within 230 s
  CHECK(wait.p50 == doctest::Approx(69.3).epsilon(0.03));
  CHECK(wait.p90 == doctest::Approx(230.3).epsilon(0.03));
}

TEST_CASE("the wait of many steps nears their mean") {
  const auto wait = estimate_wait({10, 0.01, 0}, 100).value();  // 100 steps of 10 s
  CHECK(wait.p50 == doctest::Approx(997).epsilon(0.01));
  CHECK(wait.p90 == doctest::Approx(1130).epsilon(0.02));
}

TEST_CASE("those who give up make the wait of the others shorter") {
  const auto patient = estimate_wait({10, 0.01, 0}, 100).value();
  const auto impatient = estimate_wait({10, 0.01, 0.001}, 100).value();
  CHECK(impatient.p50 < patient.p50);
}

TEST_CASE("without anybody at work there is no estimate") {
  CHECK_FALSE(estimate_wait({0, 0.01, 0}, 1).has_value());
  CHECK_FALSE(estimate_wait({3, 0, 0}, 1).has_value());
  CHECK_FALSE(create_wait_estimator()->estimate(kService, 1).has_value());
}

TEST_CASE("before rates are known the last wait is the estimate") {
  const auto estimator = create_wait_estimator();
  estimator->observe(event("conversation.queued", "c_1", 0));
  estimator->observe(event("conversation.assigned", "c_1", 40));
  CHECK(estimator->estimate(kService, 1).value().p50 == doctest::Approx(40));
}

TEST_CASE("measured rates make the estimate, and its error is known") {
  const auto estimator = create_wait_estimator();
  for (int i = 0; i < 20; ++i) {
    const auto id = "c_" + std::to_string(i);
    estimator->observe(event("conversation.queued", id, i * 100));
    estimator->observe(event("conversation.assigned", id, i * 100 + 10));
    estimator->observe(event("conversation.resolved", id, i * 100 + 70));
  }
  CHECK(estimator->error_ratio(kService) < 0.5);
  estimator->observe(event("conversation.queued", "c_a", 3000));
  estimator->observe(event("conversation.assigned", "c_a", 3010));
  estimator->observe(event("conversation.queued", "c_b", 3020));
  const auto wait = estimator->estimate(kService, 1).value();  // one server, 60 s each
  CHECK(wait.p50 == doctest::Approx(41.6).epsilon(0.05));
}

TEST_CASE("who is offered at once does not wait, but is worked on") {
  const auto estimator = create_wait_estimator();
  for (int i = 0; i < 12; ++i) {
    const auto id = "c_" + std::to_string(i);
    estimator->observe(event("conversation.created", id, i * 100));
    estimator->observe(event("conversation.assigned", id, i * 100 + 5));
    estimator->observe(event("conversation.resolved", id, i * 100 + 65));
  }
  CHECK(estimator->error_ratio(kService) == 0);
  estimator->observe(event("conversation.created", "c_a", 3000));
  estimator->observe(event("conversation.assigned", "c_a", 3000));
  CHECK_FALSE(estimator->newcomer(kService).has_value());
  estimator->observe(event("conversation.queued", "c_b", 3010));
  CHECK(estimator->estimate(kService, 1).value().p50 == doctest::Approx(41.6).epsilon(0.05));
  CHECK(estimator->newcomer(kService).value().p50 > 80);  // two steps of 60 s
}

TEST_CASE("a conversation that goes back to the queue works no longer") {
  const auto estimator = create_wait_estimator();
  for (int i = 0; i < 12; ++i) {
    const auto id = "c_" + std::to_string(i);
    estimator->observe(event("conversation.queued", id, i * 100));
    estimator->observe(event("conversation.assigned", id, i * 100));
    estimator->observe(event("conversation.resolved", id, i * 100 + 60));
  }
  estimator->observe(event("conversation.queued", "c_a", 3000));
  estimator->observe(event("conversation.assigned", "c_a", 3000));
  estimator->observe(event("conversation.queued", "c_a", 3010));
  CHECK(estimator->estimate(kService, 1).value().p50 == doctest::Approx(0).epsilon(0.01));
}

}  // namespace peyk::routing
