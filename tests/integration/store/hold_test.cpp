// Whom an agent is held for, what ends a hold, and what was handed to him.
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Holding : StoreFixture {
  std::string wait(std::string_view kind, json::object asks = {}) {
    return text_of(arrive(kind, std::move(asks)), "conversation");
  }
  std::string held() { return text_of(agent("ani"), "held"); }
  /// Whom he is held for, now that what waits for him is looked at again.
  std::string held_again() {
    store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "busy"}});
    available("ani");
    return held();
  }
  void answer(const std::string& id) {
    const auto key = "r" + std::to_string(++answers_);
    by_owner("reply", id, {{"key", key}, {"message", key}, {"channel", "email"}});
    store.settle();
  }
  void put_aside(const std::string& id, std::string_view how) { by_owner(how, id, {{"until", store.now + 5000}}); }

 private:
  int answers_ = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Holding, "hold: for what lacks units that customers alone give back there is none") {
  available({.name = "ani", .capacity = 200});
  const auto quiet = taken();
  const auto mine = taken();
  const auto chat = wait("chat");
  store.now += 1000;
  const auto mail = wait("email");
  by_owner("resolve", mine);
  REQUIRE(held() == chat);
  put_aside(quiet, "pending");
  CHECK(held().empty());
  REQUIRE(offered_to(mail) == "ani");
  const auto asked = store.call("read_explain", {{"conversation", chat}}).at("candidates").at(0).as_object();
  CHECK(text_of(asked, "reason") == "room");
  CHECK(audit().empty());
  accept("ani", offers("ani").front());
  by_owner("resolve", quiet);
  CHECK(held() == chat);  // what is left is his own to end
  by_owner("resolve", mail);
  CHECK(offered_to(chat) == "ani");
}

TEST_CASE_FIXTURE(Holding, "hold: what goes dormant, wakes or is snoozed counts where it belongs") {
  auto settings = standard_settings();
  settings["kinds"].as_object()["email"] = json::object{{"weight", 100}, {"dormant_weight", 50}, {"dormant_after", 0}};
  store.call("roster_settings", settings);
  available({.name = "ani", .capacity = 200});
  const auto mail = taken();
  const auto chat = wait("chat");
  CHECK(held_again() == chat);
  answer(mail);
  CHECK(held_again().empty());
  CHECK(audit().empty());
  arrive("email", {}, {{"hint", mail}, {"sender", {{"kind", "email"}, {"value", "customer-1@x.example"}}}});
  CHECK(held_again() == chat);
  answer(mail);
  put_aside(mail, "pending");
  CHECK(held_again().empty());
  CHECK(audit().empty());
  store.pass(5000);
  CHECK(held_again() == chat);
  put_aside(mail, "pending");
  put_aside(mail, "snooze");
  CHECK(audit().empty());
  CHECK(offered_to(chat) == "ani");
}

TEST_CASE_FIXTURE(Holding, "hold: who is handed what lacks units gets no newcomer before it") {
  available({.name = "ani", .capacity = 400});
  for (int i = 0; i < 3; ++i) taken();
  available({.name = "bob"});
  const auto chat = taken({}, "chat");
  store.call("presence", {{"agent", "bob"}, {"actor", actor("bob")}, {"state", "busy"}});
  by_owner("transfer", chat, {{"to", "ani"}, {"timeout", 120'000}});
  CHECK(held() == chat);
  CHECK(state(wait("email")) == "waiting");
  by_owner("resolve", "c_1");
  CHECK(offered_to(chat) == "ani");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Holding, "hold: what wakes in his hands holds him at once for what he was handed") {
  available({.name = "ani", .capacity = 200});
  const auto mail = taken();
  put_aside(mail, "pending");
  available({.name = "bob"});
  const auto chat = taken({}, "chat");
  by_owner("transfer", chat, {{"to", "ani"}, {"timeout", 120'000}});
  CHECK(held().empty());
  store.pass(5000);
  CHECK(held() == chat);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Holding, "hold: what asks for less meanwhile lets nothing less urgent by, not even what he knows") {
  const auto prefer = [](std::string_view skill) {
    return json::object{{"prefer", json::array{json::object{{"skills", {{skill, 1}}}, {"for", 5000}}}}};
  };
  available({.name = "ani", .skills = {{"hy", 3}, {"fa", 3}}, .capacity = 200});
  taken();
  const auto chat = wait("chat", prefer("hy"));
  CHECK(held_again() == chat);
  const json::object known{{"sender", {{"kind", "email"}, {"value", "customer-1@x.example"}}}};
  const auto mail = text_of(arrive("email", prefer("fa"), known), "conversation");
  store.pass(5000);
  CHECK(state(mail) == "waiting");
  CHECK(held() == chat);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Holding, "own lane: what he may not have hides nothing behind it, however much that is") {
  available({.name = "bob", .capacity = 10'000, .kinds = {{"chat", {{"max", 100}}}}});
  add({.name = "ani", .capacity = 2000});
  const auto hand_on = [&](std::string_view kind) {
    const auto id = taken({}, kind);
    by_owner("transfer", id, {{"to", "ani"}, {"timeout", 1'200'000}});
    store.now += 10;
    return id;
  };
  for (int i = 0; i < 30; ++i) hand_on("chat");
  const auto mail = hand_on("email");
  available("ani");
  CHECK(offers("ani").size() == 4);  // three chats are the most he may have
  CHECK(offered_to(mail) == "ani");
}

}  // namespace peyk::test
