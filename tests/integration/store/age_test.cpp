// Since when the desk owes a conversation its next step, and through what that is kept.
#include <algorithm>
#include <initializer_list>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Age : StoreFixture {
  json::object billing{{"queue", "billing"}, {"priority", "normal"}, {"promise_s", 120}};

  void reply(std::string_view id) {
    by_owner("reply", id, {{"key", store.now}, {"message", "m_r" + std::to_string(store.now)}, {"channel", "email"}});
  }
  /// Answered by ani, then handed to billing.
  std::string handed_on(json::object asks = {}) {
    available({.name = "ani"});
    const auto id = taken();
    store.now += 5'000;
    reply(id);
    json::object to = billing;
    for (const auto& [name, value] : asks) to[name] = value;
    by_owner("transfer", id, {{"class", to}});
    return id;
  }
  void decline(std::string_view agent) {
    store.call("decline", {{"agent", agent}, {"actor", actor(agent)}, {"offer", offers(agent).front()}});
  }
  /// Time passes, with these agents' sockets alive.
  void pass(std::int64_t milliseconds, std::initializer_list<const char*> alive) {
    for (std::int64_t left = milliseconds; left > 0; left -= 10'000) {
      for (const auto* name : alive) store.call("renew", {{"agent", name}, {"socket", "1"}});
      store.pass(std::min<std::int64_t>(left, 10'000));
    }
  }
  std::int64_t age_at(std::string_view id) { return number_of(conversation(id), "age_at"); }
  void customer_writes(std::string_view id) {
    const auto sender = conversation(id).at("long").as_object().at("participants").as_array().at(0);
    arrive("email", {}, {{"sender", sender}, {"hint", id}});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Age, "what was answered and handed on keeps its age over decline, expiry, presence and withdrawal") {
  const auto id = handed_on();
  const auto since = store.now;
  CHECK(age_at(id) == since);
  store.pass(3'600'000);
  for (const auto* name : {"bob", "cem", "dan"}) available({.name = name, .queues = {"billing"}});
  REQUIRE(offered_to(id) == "bob");
  decline("bob");
  CHECK(age_at(id) == since);
  store.call("presence", {{"agent", "cem"}, {"actor", actor("cem")}, {"state", "away"}});
  CHECK(offered_to(id) == "dan");
  CHECK(age_at(id) == since);
  store.call("withdraw", {{"conversation", id}, {"actor", actor("mehri")}});
  CHECK(age_at(id) == since);
  store.pass(30'000);
  CHECK(state(id) == "waiting");
  CHECK(age_at(id) == since);
  customer_writes(id);
  store.pass(120'000);
  CHECK(age_at(id) == since);
}

TEST_CASE_FIXTURE(Age,
                  "what was answered and handed on keeps its age over relaxing and the time-out of one agent's lane") {
  const auto id = handed_on({{"prefer", json::array{json::object{{"skills", {{"fa", 3}}}, {"for", 20'000}}}}});
  const auto since = store.now;
  store.pass(21'000);
  CHECK(age_at(id) == since);
  available({.name = "bob", .queues = {"billing"}});
  accept("bob", offers("bob").front());
  CHECK(age_at(id) == since);
  by_owner("transfer", id, {{"to", "ani"}, {"timeout", 10'000}});
  store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "away"}});
  CHECK(age_at(id) == since);
  store.pass(11'000);
  CHECK(age_at(id) == since);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Age, "an answer ends it, and the next word or hand begins another") {
  available({.name = "ani", .queues = {"service", "billing"}});
  const auto id = taken();
  const auto came = store.now;
  store.now += 5'000;
  customer_writes(id);
  CHECK(age_at(id) == came);
  reply(id);
  CHECK(age_at(id) == 0);
  store.now += 5'000;
  by_owner("transfer", id, {{"class", billing}});
  CHECK(age_at(id) == store.now);
  store.pass(600'000);
  available("ani");
  accept("ani", offers("ani").front());
  by_owner("resolve", id);
  store.now += 5'000;
  customer_writes(id);
  CHECK(age_at(id) == store.now);
}

TEST_CASE_FIXTURE(Age, "who was handed an answered chat owes its next step until he answers, and it weighs in full") {
  available({.name = "ani"});
  const auto id = taken({}, "chat");
  reply(id);
  pass(299'000, {"ani"});
  by_owner("transfer", id, {{"class", billing}});
  pass(10'000, {"ani"});
  available({.name = "bob", .queues = {"billing"}});
  accept("bob", offers("bob").front());
  for (int i = 0; i < 4; ++i) {
    const auto c = conversation(id);
    CHECK(text_of(c, "agent") == "bob");
    CHECK(text_of(c, "next_actor") == "agent");
    CHECK(number_of(c, "weight") == 200);
    pass(120'000, {"bob"});
  }
  reply(id);
  CHECK(text_of(conversation(id), "next_actor") == "customer");
  pass(300'000, {"bob"});
  CHECK(number_of(conversation(id), "weight") == 50);
}

TEST_CASE_FIXTURE(Age, "what woke at its time is its agent's next step until he answers or puts it aside again") {
  available({.name = "ani"});
  const auto id = taken({}, "chat");
  reply(id);
  for (const auto* script : {"snooze", "pending"}) {
    by_owner(script, id, {{"until", store.now + 3'600'000}});
    CHECK(age_at(id) == 0);
    pass(3'600'000, {"ani"});
    const auto woke = store.now;
    for (int i = 0; i < 4; ++i) {
      const auto c = conversation(id);
      CHECK(text_of(c, "state") == "active");
      CHECK(text_of(c, "next_actor") == "agent");
      CHECK(number_of(c, "next_at") > store.now);
      CHECK(number_of(c, "weight") == 200);
      CHECK(age_at(id) == woke);
      pass(120'000, {"ani"});
    }
  }
  CHECK(audit().empty());
}

}  // namespace peyk::test
