// What the event stream tells of a desk, in figures.
#include "daemon/metrics.h"

#include <string>

#include <doctest/doctest.h>

namespace peyk::daemon {
namespace {

routing::Event event(std::string type, int at, std::string cause = {}) {
  routing::Event event;
  event.at = Time{std::chrono::seconds(1'800'000'000 + at)};
  event.type = std::move(type);
  event.cause = std::move(cause);
  event.conversation = routing::ConversationId("c_1");
  event.ids["queue"] = "service";
  return event;
}

bool says(Metrics& metrics, const std::string& line) {
  return metrics.text().find(line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a conversation's wait and its first reply are measured from its first message") {
  const auto metrics = create_metrics();
  metrics->on_event(event("conversation.created", 0));
  metrics->on_event(event("conversation.assigned", 7, "accepted"));
  metrics->on_event(event("message.out", 9));
  CHECK(says(*metrics, R"(peyk_wait_seconds_sum{queue="service"} 7)"));
  CHECK(says(*metrics, R"(peyk_first_reply_seconds_sum{queue="service"} 9)"));
}

TEST_CASE("who is written to first has waited for nobody, and counts neither as waiting nor as answered at once") {
  const auto metrics = create_metrics();
  metrics->on_event(event("conversation.created", 0));
  metrics->on_event(event("conversation.assigned", 0, "started"));
  metrics->on_event(event("message.out", 0));
  CHECK(metrics->text().find("peyk_wait_seconds_count") == std::string::npos);
  CHECK(metrics->text().find("peyk_first_reply_seconds_count") == std::string::npos);
  metrics->on_event(event("conversation.transferred", 10));
  metrics->on_event(event("conversation.assigned", 15, "accepted"));
  CHECK(says(*metrics, R"(peyk_wait_seconds_sum{queue="service"} 5)"));
}

TEST_CASE("ratings are counted by queue, with what their mean is made of") {
  const auto metrics = create_metrics();
  for (const auto* score : {"5", "2"}) {
    auto rated = event("conversation.rated", 0);
    rated.ids["score"] = score;
    metrics->on_event(rated);
  }
  CHECK(says(*metrics, R"(peyk_rating_count{queue="service"} 2)"));
  CHECK(says(*metrics, R"(peyk_rating_sum{queue="service"} 7)"));
  CHECK(says(*metrics, R"(peyk_rating_bucket{queue="service",le="2"} 1)"));
}

TEST_CASE("how wrong estimates are is published of queues that know it alone") {
  const auto metrics = create_metrics();
  std::vector<routing::QueueView> queues(2);
  queues[0].name = QueueName("service");
  queues[0].wait_error_ratio = 0.25;
  queues[1].name = QueueName("billing");
  metrics->set_queues(queues);
  CHECK(says(*metrics, R"(peyk_wait_estimate_error_ratio{queue="service"} 0.25)"));
  CHECK(metrics->text().find(R"(peyk_wait_estimate_error_ratio{queue="billing"})") == std::string::npos);
  CHECK(says(*metrics, R"(peyk_queue_waiting{queue="billing"} 0)"));
  queues[0].wait_error_ratio = 0;
  metrics->set_queues(queues);
  CHECK(metrics->text().find("peyk_wait_estimate_error_ratio{") == std::string::npos);
}

}  // namespace peyk::daemon
