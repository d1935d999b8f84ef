// Estimated waits against formulas and a simulated queue, and rates measured from events.
#include "routing/wait_estimate.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

namespace peyk::routing {
namespace {

Event event(std::string type, const std::string& conversation, int at_s, std::string actor = "system") {
  Event made;
  made.type = std::move(type);
  made.conversation = ConversationId(conversation);
  made.at = from_unix_ms(at_s * 1000);
  made.actor = std::move(actor);
  made.ids = {{"queue", "service"}, {"kind", "email"}};
  return made;
}

const QueueName kService("service");

/// What came of each of many conversations.
struct Worked {
  std::string came = "conversation.queued";
  int wait_s = 0;
  int work_s = 60;
};

/// One comes every hundred seconds and is resolved before the next.
void work_off(WaitEstimator& estimator, int conversations, const Worked& each = {}) {
  for (int i = 0; i < conversations; ++i) {
    const auto id = "c_" + std::to_string(i);
    estimator.observe(event(each.came, id, i * 100));
    estimator.observe(event("conversation.assigned", id, i * 100 + each.wait_s));
    estimator.observe(event("conversation.resolved", id, i * 100 + each.wait_s + each.work_s));
  }
}

/// The wait of the customer at `position` of an M/M/s+M queue whose servers are all busy: simulated, the customers
/// before him one by one, each of whom is taken or gives up.
std::vector<double> simulated_waits(const ServiceRates& rates, int position, int rounds) {
  std::mt19937_64 random(20261122);
  std::vector<double> waits;
  for (int round = 0; round < rounds; ++round) {
    double time = 0;
    for (int before = position - 1; before >= 0; --before) {
      const double leaving = rates.servers * rates.service + before * rates.abandonment;
      time += std::exponential_distribution<double>(leaving)(random);
    }
    waits.push_back(time);
  }
  std::sort(waits.begin(), waits.end());
  return waits;
}

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

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

TEST_CASE("the quantiles are those of the simulated queue, at every place, with and without people who give up") {
  for (const auto& rates : {ServiceRates{1, 0.01, 0}, ServiceRates{12, 1.0 / 240, 0},
                            ServiceRates{12, 1.0 / 240, 1.0 / 120}, ServiceRates{48, 1.0 / 240, 1.0 / 120}}) {
    for (const int position : {1, 2, 5, 20, 100}) {
      CAPTURE(rates.servers);
      CAPTURE(rates.abandonment);
      CAPTURE(position);
      const auto waits = simulated_waits(rates, position, 20'000);
      const auto estimate = estimate_wait(rates, position).value();
      CHECK(estimate.p50 == doctest::Approx(quantile(waits, 0.5)).epsilon(0.04));
      CHECK(estimate.p90 == doctest::Approx(quantile(waits, 0.9)).epsilon(0.04));
    }
  }
}

TEST_CASE("the mean that the quantiles stand around is the sum of 1 / (sμ + iθ), by hand") {
  // Three places, sμ = 0.5, θ = 0.25: 2 + 4/3 + 1 seconds, variance 4 + 16/9 + 1.
  const auto wait = estimate_wait({5, 0.1, 0.25}, 3).value();
  CHECK(wait.p50 < 2 + 4.0 / 3 + 1);  // skewed to the right
  CHECK(wait.p50 == doctest::Approx(3.81).epsilon(0.02));
  CHECK(wait.p90 == doctest::Approx(7.82).epsilon(0.03));
}

TEST_CASE("the error is how far what was said was from what came true, as a share of the wait") {
  const auto estimator = create_wait_estimator();
  for (int i = 0; i < 40; ++i) {  // one after another, each waits 100 s: the second one is told so, exactly
    const auto id = "c_" + std::to_string(i);
    estimator->observe(event("conversation.queued", id, i * 1000));
    estimator->observe(event("conversation.assigned", id, i * 1000 + 100));
  }
  CHECK(estimator->error_ratio(kService) == doctest::Approx(0).epsilon(0.001));
  const auto told = estimator->estimate(kService, ChannelKind::email, 1).value().p50;
  CHECK(told == doctest::Approx(100));
  estimator->observe(event("conversation.queued", "c_late", 50'000));
  estimator->observe(event("conversation.assigned", "c_late", 50'300));  // 200 s more than said
  // Newest weigh a twentieth: 200 × 0.05 over 100 + 200 × 0.05.
  CHECK(estimator->error_ratio(kService) == doctest::Approx(10.0 / 110).epsilon(0.01));
}

TEST_CASE("who gives up is counted with the time he had waited") {
  const auto estimator = create_wait_estimator();
  for (int i = 0; i < 400; ++i) {  // every other leaves after 60 s, the rest are taken after 60 s and cost 60 s each
    const auto id = "c_" + std::to_string(i);
    estimator->observe(event("conversation.queued", id, i * 200));
    if (i % 2 == 0) {
      estimator->observe(event("conversation.resolved", id, i * 200 + 60, "customer:p_1"));
    } else {
      estimator->observe(event("conversation.assigned", id, i * 200 + 60));
      estimator->observe(event("conversation.resolved", id, i * 200 + 120));
    }
  }
  estimator->observe(event("conversation.queued", "c_a", 100'000));
  estimator->observe(event("conversation.assigned", "c_a", 100'000));
  // θ = ½ ÷ 60 s, one server of 60 s: the second place waits 1/μ + 1/(μ + θ) = 60 + 40 s in the mean.
  const auto expected = estimate_wait({1, 1.0 / 60, 0.5 / 60}, 2).value().p50;
  CHECK(estimator->estimate(kService, ChannelKind::email, 2).value().p50 == doctest::Approx(expected).epsilon(0.05));
}

TEST_CASE("who was passed on before he gave up tells how long people wait, too") {
  const auto estimator = create_wait_estimator();
  work_off(*estimator, 12, {.came = "conversation.created"});
  for (int i = 0; i < 400; ++i) {  // every other leaves after 60 s, the rest are elsewhere by then
    const auto id = "c_q" + std::to_string(i);
    estimator->observe(event("conversation.queued", id, 2000 + i * 200));
    auto end = event("conversation.resolved", id, 2000 + i * 200 + 60, "customer:p_1");
    if (i % 2 != 0) {
      end = event(i % 4 == 1 ? "conversation.overflowed" : "conversation.transferred", id, 2000 + i * 200 + 60);
      end.ids["queue"] = "billing";
    }
    estimator->observe(end);
  }
  estimator->observe(event("conversation.created", "c_a", 100'000));
  estimator->observe(event("conversation.assigned", "c_a", 100'000));
  const auto expected = estimate_wait({1, 1.0 / 60, 0.5 / 60}, 2).value().p50;
  CHECK(estimator->estimate(kService, ChannelKind::email, 2).value().p50 == doctest::Approx(expected).epsilon(0.05));
}

TEST_CASE("those who give up make the wait of the others shorter") {
  const auto patient = estimate_wait({10, 0.01, 0}, 100).value();
  const auto impatient = estimate_wait({10, 0.01, 0.001}, 100).value();
  CHECK(impatient.p50 < patient.p50);
}

TEST_CASE("without anybody at work there is no estimate") {
  CHECK_FALSE(estimate_wait({0, 0.01, 0}, 1).has_value());
  CHECK_FALSE(estimate_wait({3, 0, 0}, 1).has_value());
  CHECK_FALSE(create_wait_estimator()->estimate(kService, ChannelKind::email, 1).has_value());
}

TEST_CASE("before rates are known the last wait is the estimate") {
  const auto estimator = create_wait_estimator();
  estimator->observe(event("conversation.queued", "c_1", 0));
  estimator->observe(event("conversation.assigned", "c_1", 40));
  CHECK(estimator->estimate(kService, ChannelKind::email, 1).value().p50 == doctest::Approx(40));
}

TEST_CASE("who comes behind those who were taken at once is told nothing, not that he waits no time") {
  const auto estimator = create_wait_estimator();
  estimator->observe(event("conversation.queued", "c_1", 0));
  estimator->observe(event("conversation.assigned", "c_1", 0));
  estimator->count({kService, ChannelKind::email, 3, 1, 0, 0});
  CHECK_FALSE(estimator->estimate(kService, ChannelKind::email, 4).has_value());
  estimator->count({kService, ChannelKind::email, 3, 1, 0, 20});
  CHECK(estimator->estimate(kService, ChannelKind::email, 4).value().p50 == doctest::Approx(20));
}

TEST_CASE("measured rates make the estimate, and its error is known") {
  const auto estimator = create_wait_estimator();
  work_off(*estimator, 20, {.wait_s = 10});
  CHECK(estimator->error_ratio(kService) < 0.5);
  estimator->observe(event("conversation.queued", "c_a", 3000));
  estimator->observe(event("conversation.assigned", "c_a", 3010));
  estimator->observe(event("conversation.queued", "c_b", 3020));
  const auto wait = estimator->estimate(kService, ChannelKind::email, 1).value();  // one server, 60 s each
  CHECK(wait.p50 == doctest::Approx(41.6).epsilon(0.05));
}

TEST_CASE("who is offered at once does not wait, but is worked on") {
  const auto estimator = create_wait_estimator();
  work_off(*estimator, 12, {.came = "conversation.created", .wait_s = 5});
  CHECK(estimator->error_ratio(kService) == 0);
  estimator->observe(event("conversation.created", "c_a", 3000));
  estimator->observe(event("conversation.assigned", "c_a", 3000));
  CHECK_FALSE(estimator->newcomer(kService, ChannelKind::email).has_value());
  estimator->observe(event("conversation.queued", "c_b", 3010));
  CHECK(estimator->estimate(kService, ChannelKind::email, 1).value().p50 == doctest::Approx(41.6).epsilon(0.05));
  CHECK(estimator->newcomer(kService, ChannelKind::email).value().p50 > 80);  // two steps of 60 s
}

TEST_CASE("an offer that nobody took ends no wait: it counts from when the conversation came") {
  const auto estimator = create_wait_estimator();
  estimator->observe(event("conversation.queued", "c_1", 0));
  estimator->observe(event("conversation.queued", "c_1", 50));  // offered meanwhile, and declined
  estimator->observe(event("conversation.assigned", "c_1", 100));
  CHECK(estimator->estimate(kService, ChannelKind::email, 1).value().p50 == doctest::Approx(100));
  estimator->observe(event("conversation.created", "c_2", 200));
  estimator->observe(event("conversation.queued", "c_2", 230));  // offered at once, and declined
  estimator->observe(event("conversation.assigned", "c_2", 260));
  CHECK(estimator->estimate(kService, ChannelKind::email, 1).value().p50 == doctest::Approx(60));
}

TEST_CASE("who waits on after an offer is counted once, and held to what was said when he came") {
  const auto estimator = create_wait_estimator();
  for (int i = 0; i < 12; ++i) {
    const auto id = "c_" + std::to_string(i);
    estimator->observe(event("conversation.queued", id, i * 200));
    estimator->observe(event("conversation.assigned", id, i * 200));
    estimator->observe(event("conversation.resolved", id, i * 200 + 60));
  }
  estimator->observe(event("conversation.created", "c_busy", 3000));
  estimator->observe(event("conversation.assigned", "c_busy", 3000));
  estimator->observe(event("conversation.queued", "c_first", 3010));
  estimator->observe(event("conversation.queued", "c_second", 3010));
  estimator->observe(event("conversation.queued", "c_first", 3040));
  const auto third = estimate_wait({1, 1.0 / 60, 0}, 3).value();
  CHECK(estimator->newcomer(kService, ChannelKind::email).value().p50 == doctest::Approx(third.p50).epsilon(0.05));
  const auto said = estimate_wait({1, 1.0 / 60, 0}, 1).value().p50;
  estimator->observe(event("conversation.assigned", "c_first", 3110));
  // The twelve before were taken at once, and told nothing.
  CHECK(estimator->error_ratio(kService) == doctest::Approx((100 - said) / 100).epsilon(0.02));
}

TEST_CASE("who is offered stands before nobody, until the offer ends and nobody took it") {
  const auto estimator = create_wait_estimator();
  work_off(*estimator, 12, {.came = "conversation.created"});
  estimator->observe(event("conversation.created", "c_busy", 3000));
  estimator->observe(event("conversation.assigned", "c_busy", 3000));
  const auto behind = [&](int others, double servers = 1) {
    const auto expected = estimate_wait({servers, 1.0 / 60, 0}, others + 1).value().p50;
    return estimator->newcomer(kService, ChannelKind::email).value().p50 == doctest::Approx(expected).epsilon(0.05);
  };
  estimator->observe(event("conversation.queued", "c_first", 3010));
  estimator->observe(event("conversation.queued", "c_second", 3010));
  CHECK(behind(2));
  estimator->observe(event("offer.made", "c_first", 3020));
  CHECK(behind(1, 2));
  estimator->observe(event("conversation.queued", "c_first", 3030));
  CHECK(behind(2));
  estimator->observe(event("offer.made", "c_first", 3040));
  estimator->count({kService, ChannelKind::email, 1, 2, 0, 0});
  estimator->observe(event("conversation.assigned", "c_first", 3050));
  CHECK(estimator->newcomer(kService, ChannelKind::email).value().p50 ==
        doctest::Approx(estimate_wait({2, 1.0 / 60, 0}, 2).value().p50).epsilon(0.05));
}

TEST_CASE("an agent who considers an offer serves, though it be offered to several at once") {
  const auto estimator = create_wait_estimator();
  work_off(*estimator, 12);
  const auto served_by = [&](double servers) {
    const auto expected = estimate_wait({servers, 1.0 / 60, 0}, 1).value().p50;
    return estimator->estimate(kService, ChannelKind::email, 1).value().p50 == doctest::Approx(expected).epsilon(0.05);
  };
  estimator->observe(event("conversation.created", "c_a", 3000));
  estimator->observe(event("conversation.assigned", "c_a", 3000));
  estimator->observe(event("conversation.created", "c_b", 3010));
  estimator->observe(event("offer.made", "c_b", 3010));
  CHECK(served_by(2));
  estimator->observe(event("offer.made", "c_b", 3020));
  CHECK(served_by(2));
  estimator->observe(event("conversation.assigned", "c_b", 3030));
  CHECK(served_by(2));
  // His agent is lost, and another is asked at once.
  estimator->observe(event("offer.made", "c_b", 3040));
  auto lost = event("conversation.updated", "c_b", 3040);
  lost.cause = "lost";
  estimator->observe(lost);
  CHECK(served_by(2));
  estimator->observe(event("conversation.resolved", "c_b", 3050, "customer:p_1"));
  CHECK(served_by(1));
  estimator->count({kService, ChannelKind::email, 0, 3, 0, 0});
  CHECK(served_by(3));
}

TEST_CASE("what agents take to consider a conversation is part of what it costs them") {
  const auto estimator = create_wait_estimator();
  for (int i = 0; i < 12; ++i) {
    const auto id = "c_" + std::to_string(i);
    estimator->observe(event("conversation.created", id, i * 100));
    estimator->observe(event("offer.made", id, i * 100));
    estimator->observe(event("conversation.queued", id, i * 100 + 10));  // declined
    estimator->observe(event("offer.made", id, i * 100 + 20));
    estimator->observe(event("conversation.assigned", id, i * 100 + 30));
    estimator->observe(event("conversation.resolved", id, i * 100 + 80));
  }
  estimator->observe(event("conversation.created", "c_a", 3000));
  estimator->observe(event("conversation.assigned", "c_a", 3000));
  const auto expected = estimate_wait({1, 1.0 / 70, 0}, 1).value().p50;  // 10 s, and 60 s
  CHECK(estimator->estimate(kService, ChannelKind::email, 1).value().p50 == doctest::Approx(expected).epsilon(0.02));
}

TEST_CASE("a conversation that goes back to the queue works no longer") {
  const auto estimator = create_wait_estimator();
  work_off(*estimator, 12);
  estimator->observe(event("conversation.queued", "c_a", 3000));
  estimator->observe(event("conversation.assigned", "c_a", 3000));
  estimator->observe(event("conversation.queued", "c_a", 3010));
  CHECK_FALSE(estimator->estimate(kService, ChannelKind::email, 1).has_value());
}

TEST_CASE("each kind of a queue has a line and rates of its own") {
  const auto estimator = create_wait_estimator();
  const auto handled = [&](const std::string& kind, int i, int seconds) {
    const auto id = kind + std::to_string(i);
    for (auto one : {event("conversation.queued", id, i * 10'000), event("conversation.assigned", id, i * 10'000 + 1),
                     event("conversation.resolved", id, i * 10'000 + 1 + seconds)}) {
      one.ids["kind"] = kind;
      estimator->observe(one);
    }
  };
  for (int i = 0; i < 20; ++i) {
    handled("chat", i, 300);
    handled("email", i, 3600);
  }
  estimator->count({kService, ChannelKind::chat, 0, 10, 0, 0});
  estimator->count({kService, ChannelKind::email, 50, 200, 0, 0});
  const auto chat = estimate_wait({10, 1.0 / 300, 0}, 1).value();
  CHECK(estimator->estimate(kService, ChannelKind::chat, 1).value().p50 == doctest::Approx(chat.p50).epsilon(0.01));
  const auto mail = estimate_wait({200, 1.0 / 3600, 0}, 51).value();
  CHECK(estimator->newcomer(kService, ChannelKind::email).value().p50 == doctest::Approx(mail.p50).epsilon(0.01));
}

TEST_CASE("who comes while an agent is free waits for nobody; while all are busy he is the first in line") {
  const auto estimator = create_wait_estimator();
  work_off(*estimator, 12);
  estimator->count({kService, ChannelKind::email, 0, 1, 19, 0});
  CHECK_FALSE(estimator->newcomer(kService, ChannelKind::email).has_value());
  estimator->count({kService, ChannelKind::email, 0, 1, 0, 0});
  CHECK(estimator->newcomer(kService, ChannelKind::email).value().p50 == doctest::Approx(41.6).epsilon(0.05));
}

TEST_CASE("after a restart those who wait already are known, and the first of them says how long it takes") {
  const auto estimator = create_wait_estimator();
  estimator->count({kService, ChannelKind::email, 300, 20, 0, 1800});
  CHECK(estimator->newcomer(kService, ChannelKind::email).value().p50 == doctest::Approx(1800));
  estimator->observe(event("conversation.assigned", "c_from_before", 10));  // of whom only the store knows
  estimator->observe(event("conversation.resolved", "c_from_before", 20));
  work_off(*estimator, 12, {.came = "conversation.created"});
  const auto behind_all = estimate_wait({20, 1.0 / 60, 0}, 301).value();
  CHECK(estimator->newcomer(kService, ChannelKind::email).value().p50 == doctest::Approx(behind_all.p50).epsilon(0.01));
}

}  // namespace peyk::routing
