// Which agent gets a conversation: each term of the rule decides once, all before it being equal.
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {

TEST_CASE_FIXTURE(StoreFixture, "agent rule: who lacks a level gets nothing, however free") {
  available({.name = "ani", .skills = {{"hy", 2}}});
  available({.name = "zara", .skills = {{"hy", 3}}, .capacity = 100});
  CHECK(offered_to(text_of(arrive("email", {{"require", {{"hy", 3}}}}), "conversation")) == "zara");
  CHECK(offered_to(text_of(arrive("email", {{"require", {{"hy", 3}}}}), "conversation")).empty());
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule, first: the customer's last agent, though others carry less") {
  available({.name = "ani"});
  available({.name = "bob", .capacity = 200});
  const json::object sara{{"sender", {{"kind", "email"}, {"value", "sara@x.example"}}}};
  const auto first = text_of(arrive("email", {}, sara), "conversation");
  REQUIRE(offered_to(first) == "ani");
  accept("ani", offers("ani").front());
  by_owner("resolve", first);
  arrive("email", {{"require", {{"hy", 0}}}});
  arrive("email");
  const auto again = text_of(arrive("email", {}, sara), "conversation");
  CHECK(offered_to(again) == "ani");
  const auto offer = store.call("read_offer", {{"offer", offers("ani").back()}});
  CHECK(text_of(offer.at("offer").as_object().at("decision").as_object(), "by") == "sticky");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule, second: the queue's own before those of an open ring") {
  const json::object asks{{"rings", json::array{json::object{{"queue", "billing"}, {"after", 0}}}}};
  available({.name = "own", .capacity = 200});
  available({.name = "ring", .queues = {"billing"}, .capacity = 1000});
  CHECK(offered_to(text_of(arrive("email", asks), "conversation")) == "own");
  CHECK(offered_to(text_of(arrive("email", asks), "conversation")) == "own");
  CHECK(offered_to(text_of(arrive("email", asks), "conversation")) == "ring");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule, third: the higher band before the lower, though it carries more") {
  const json::object asks{{"require", {{"hy", 1}}}, {"bands", {{"hy", json::array{4, 2}}}}};
  available({.name = "high", .skills = {{"hy", 4}}, .capacity = 200});
  available({.name = "low", .skills = {{"hy", 1}}, .capacity = 1000});
  available({.name = "middle", .skills = {{"hy", 3}}, .capacity = 200});
  std::string order;
  for (int i = 0; i < 5; ++i) order += offered_to(text_of(arrive("email", asks), "conversation")) + " ";
  CHECK(order == "high high middle middle low ");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule, fourth: the least load after assignment, by capacity") {
  available({.name = "big", .skills = {{"a", 1}, {"b", 1}}, .capacity = 400});
  available({.name = "small", .capacity = 300});
  std::string order;
  for (int i = 0; i < 4; ++i) order += offered_to(text_of(arrive(), "conversation")) + " ";
  // 100/400 < 100/300 < 200/400 < 200/300
  CHECK(order == "big small big small ");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule, fifth: the fewest skills, to keep the versatile free") {
  available({.name = "ani", .skills = {{"a", 1}, {"b", 1}}});
  store.now += 5000;
  available({.name = "bob", .skills = {{"a", 5}}});
  CHECK(offered_to(text_of(arrive(), "conversation")) == "bob");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule, sixth: the longest idle, and toggling gains nothing") {
  available({.name = "bob"});
  store.now += 5000;
  available({.name = "ani"});
  store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "break"}, {"reason", "tea"}});
  store.now += 5000;
  available("ani");
  CHECK(offered_to(text_of(arrive(), "conversation")) == "bob");
  CHECK(offered_to(text_of(arrive(), "conversation")) == "ani");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule: a break neither adds to idle time nor takes from it") {
  available({.name = "zoe"});
  store.now += 10'000;
  store.call("presence", {{"agent", "zoe"}, {"actor", actor("zoe")}, {"state", "break"}, {"reason", "tea"}});
  store.now += 1000;
  available({.name = "ani"});
  store.now += 9000;
  available("zoe");
  // Ten seconds of hers stand against nine of his.
  CHECK(offered_to(text_of(arrive(), "conversation")) == "zoe");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule: off his shift nobody grows idle, be he available all night") {
  for (const auto* name : {"ani", "zoe"}) available({.name = name});
  store.call("shift", {{"agent", "ani"}});
  store.now += 10'000;
  store.call("presence", {{"agent", "zoe"}, {"actor", actor("zoe")}, {"state", "away"}});
  store.now += 28'800'000;
  available("zoe");
  store.call("shift", {{"agent", "ani"}, {"on", true}});
  CHECK(offered_to(text_of(arrive(), "conversation")) == "zoe");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule: offers that are missed, in whatever order, take nothing from idle time") {
  const auto idle_since = [&](std::string_view name) { return number_of(agent(name), "idle_since"); };
  const auto decline = [&](const std::string& offer) {
    store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offer}});
  };
  available({.name = "ani"});
  const auto since = idle_since("ani");
  for (const std::int64_t apart : {5000, 0}) {
    for (const bool first_goes_first : {true, false}) {
      store.now += 5000;
      arrive();
      store.now += apart;
      arrive();
      const auto both = offers("ani");
      store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "available"}});
      decline(first_goes_first ? both.front() : both.back());
      CHECK(idle_since("ani") > since);
      decline(first_goes_first ? both.back() : both.front());
      CHECK(idle_since("ani") == since);
    }
  }
  arrive();
  available({.name = "bob", .capacity = 2000});
  store.now += 5000;
  const auto idle = store.now - since;
  store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "away"}});
  store.now += 5000;
  available("ani");
  CHECK(store.now - idle_since("ani") == idle);
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule: work is no idle time, wrap-up neither; it begins when nothing is left") {
  const auto idle = [&](std::string_view name) { return store.now - number_of(agent(name), "idle_since"); };
  auto queue = standard_queue("service");
  queue["wrap_up"] = 5000;
  store.call("roster_queue", queue);
  available({.name = "ani"});
  const auto first = taken();
  const auto second = taken();
  store.now += 3'600'000;
  store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
  available({.name = "bob"});
  store.pass(6000);
  by_owner("resolve", first);
  store.pass(6000);
  by_owner("resolve", second);
  store.pass(5000);
  CHECK(idle("ani") == 0);
  CHECK(idle("bob") == 17'000);
  CHECK(offered_to(text_of(arrive(), "conversation")) == "bob");
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule: what rests with its customer is no work, and its end is none that ends") {
  const auto since = [&] { return number_of(agent("ani"), "idle_since"); };
  available({.name = "ani"});
  const auto quiet = taken();
  store.now += 5000;
  by_owner("pending", quiet, {{"until", store.now + 86'400'000}});
  CHECK(since() == store.now);
  const auto work = taken();
  store.now += 5000;
  by_owner("resolve", work);
  const auto done = store.now;
  CHECK(since() == done);
  store.now += 5000;
  by_owner("resolve", quiet);
  CHECK(since() == done);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture,
                  "agent rule: a missed offer gives back no time from before the work that ended meanwhile") {
  const auto decline = [&](const std::string& offer) {
    store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offer}});
  };
  const auto since = [&] { return number_of(agent("ani"), "idle_since"); };
  available({.name = "ani"});
  const auto work = taken();
  store.now += 10'000;
  arrive();
  store.now += 1000;
  const auto done = store.now;
  by_owner("resolve", work);
  store.now += 1000;
  decline(offers("ani").front());
  CHECK(since() == done);
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule: who ends his work off his shift comes back with no idle time") {
  available({.name = "ani"});
  store.now += 10'000;
  const auto work = taken();
  store.now += 5000;
  store.call("shift", {{"agent", "ani"}});
  store.now += 5000;
  by_owner("resolve", work);
  store.now += 28'800'000;
  available("ani");
  store.call("shift", {{"agent", "ani"}, {"on", true}});
  CHECK(number_of(agent("ani"), "idle_since") == store.now);
}

TEST_CASE_FIXTURE(StoreFixture, "agent rule, last: the name") {
  available({.name = "bob"});
  available({.name = "ani"});
  CHECK(offered_to(text_of(arrive(), "conversation")) == "ani");
}

TEST_CASE_FIXTURE(StoreFixture, "the decision names winner, runners-up with their terms, rule and demand") {
  for (const auto* name : {"a", "b", "c", "d"}) available({.name = name, .skills = {{"hy", 3}}});
  arrive("email", {{"require", {{"hy", 2}}}, {"rule", "armenian"}});
  const auto offer = store.call("read_offer", {{"offer", offers("a").front()}});
  const auto& decision = offer.at("offer").as_object().at("decision").as_object();
  CHECK(text_of(decision, "rule") == "armenian");
  CHECK(text_of(decision, "demand") == "hy=2");
  CHECK(text_of(decision.at("win").as_object(), "a") == "a");
  CHECK(number_of(decision.at("win").as_object(), "l") == 166);
  CHECK(decision.at("next").as_array().size() == 2);
  CHECK(number_of(decision, "of") == 4);
}

}  // namespace peyk::test
