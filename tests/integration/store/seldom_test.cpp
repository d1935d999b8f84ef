// Terms of the rules that seldom decide alone: each here does.
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

constexpr std::int64_t kDay = 86'400'000;

struct Seldom : StoreFixture {
  std::string id_of(const json::object& reply) { return text_of(reply, "conversation"); }
  std::string comes(json::object asks = {}, json::object with = {}) {
    return id_of(arrive("email", std::move(asks), std::move(with)));
  }
  void decline(std::string_view agent) {
    store.call("decline", {{"agent", agent}, {"actor", actor(agent)}, {"offer", offers(agent).back()}});
  }
  void accept_last(std::string_view agent) { accept(agent, offers(agent).back()); }
  void queue_with(std::string_view name, json::object more) {
    auto queue = standard_queue("service");
    queue["offer"].as_object()[name] = more.at(name);
    store.call("roster_queue", queue);
  }
  static json::object sara() { return {{"sender", {{"kind", "email"}, {"value", "sara@x.example"}}}}; }
  /// sara's matter, solved by this agent, who is the only one there.
  void solved_by(std::string_view agent) {
    const auto id = comes({}, sara());
    REQUIRE(offered_to(id) == agent);
    accept_last(agent);
    by_owner("resolve", id);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Seldom, "the last agent who declined his former customer is not asked again at once") {
  available({.name = "ani"});
  solved_by("ani");
  available({.name = "bob", .capacity = 100});
  const auto id = comes({}, sara());
  REQUIRE(offered_to(id) == "ani");
  decline("ani");
  CHECK(offered_to(id) == "bob");
}

TEST_CASE_FIXTURE(Seldom, "the last agent is preferred for so long and no longer") {
  available({.name = "ani"});
  solved_by("ani");
  available({.name = "bob", .capacity = 2000});
  store.now += 30 * kDay + 1000;
  CHECK(offered_to(comes({}, sara())) == "bob");
}

TEST_CASE_FIXTURE(Seldom, "who hands it on is its agent no longer: others come by the order of the rule") {
  queue_with("cooldown_max", {{"cooldown_max", 0}});
  available({.name = "ani", .capacity = 200});
  comes();
  const auto id = comes();
  for (const auto& offer : offers("ani")) accept("ani", offer);
  available({.name = "bob"});
  by_owner("transfer", id, {{"class", {{"queue", "service"}, {"priority", "normal"}, {"promise_s", 120}}}});
  CHECK(offered_to(id) == "bob");
}

TEST_CASE_FIXTURE(Seldom, "what he was handed waits for the end of his own cool-down, and comes to him then") {
  queue_with("cooldown_max", {{"cooldown_max", 30'000}});
  available({.name = "bob", .capacity = 100});
  const auto id = comes();
  accept_last("bob");
  available({.name = "ani", .queues = {"billing"}});
  by_owner("transfer", id, {{"to", "ani"}, {"timeout", 120'000}});
  REQUIRE(offered_to(id) == "ani");
  accept_last("ani");
  const auto other = comes();
  accept_last("bob");
  by_owner("transfer", id, {{"to", "bob"}, {"timeout", 120'000}});
  by_owner("resolve", other);
  CHECK(state(id) == "waiting");
  store.call("renew", {{"agent", "bob"}, {"socket", "1"}});
  store.now += 15'000;
  store.call("renew", {{"agent", "bob"}, {"socket", "1"}});
  store.pass(15'000);
  CHECK(offered_to(id) == "bob");
}

TEST_CASE_FIXTURE(Seldom, "a cool-down that doubles has an end to it") {
  queue_with("misses_before_away", {{"misses_before_away", 0}});
  available({.name = "ani"});
  const auto id = comes();
  for (int misses = 0; misses < 7; ++misses) {
    REQUIRE(offered_to(id) == "ani");
    decline("ani");
    for (int i = 0; i < 60; ++i) {
      store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
      store.pass(10'000);
      if (!offers("ani").empty()) break;
    }
  }
  CHECK(offered_to(id) == "ani");
}

TEST_CASE_FIXTURE(Seldom, "a preference that holds while somebody rostered has it waits for him who is not there") {
  available({.name = "ani"});
  add({.name = "bob", .skills = {{"hy", 5}}});
  const auto prefer = [](std::string_view skill, std::string_view unless) {
    return json::object{
        {"prefer", json::array{json::object{{"skills", {{skill, 4}}}, {"for", 60'000}, {"unless", unless}}}}};
  };
  CHECK(state(comes(prefer("hy", "rostered"))) == "waiting");
  CHECK(state(comes(prefer("hy", "available"))) == "offered");
  CHECK(state(comes(prefer("fa", "rostered"))) == "offered");
}

TEST_CASE_FIXTURE(Seldom, "a demand for which nobody was free is looked for again once somebody is") {
  const json::object asks{{"require", {{"hy", 3}}},
                          {"rings", json::array{json::object{{"queue", "billing"}, {"after", 0}}}}};
  available({.name = "ani", .skills = {{"hy", 3}}, .capacity = 200});
  const auto one = comes(asks);
  comes(asks);
  for (const auto& offer : offers("ani")) accept("ani", offer);
  available({.name = "eva"});
  available({.name = "zoe", .queues = {"billing"}});
  const auto nobody = comes(asks);
  REQUIRE(state(nobody) == "waiting");
  REQUIRE(store.command({"SISMEMBER", store.key("dry:service:email"), "hy=3+billing"}).integer == 1);
  store.call("resolve", {{"conversation", nobody}, {"actor", actor("mehri")}});
  by_owner("resolve", one);
  CHECK(offered_to(comes(asks)) == "ani");
}

TEST_CASE_FIXTURE(Seldom, "item rule: of equally urgent ones the one that came first, whatever its name") {
  const auto old = comes({}, {{"conversation", "c_z"}});
  store.now += 30'000;
  comes({{"priority", "high"}}, {{"conversation", "c_a"}});
  store.now += 30'000;  // 60/120 and 2 × 30/120
  available({.name = "ani", .capacity = 100});
  CHECK(offered_to(old) == "ani");
}

TEST_CASE_FIXTURE(Seldom, "a chat that was answered is dormant after its time, not when its solution was promised") {
  available({.name = "ani"});
  const auto id = taken({{"resolve_by", store.now + 30'000}}, "chat");
  store.now += 10'000;
  by_owner("reply", id, {{"key", "k"}, {"message", "m_out"}, {"channel", "chat"}});
  for (int i = 0; i < 29; ++i) {
    store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
    store.pass(10'000);
  }
  CHECK(number_of(agent("ani"), "load") == 200);
  store.pass(10'000);
  CHECK(number_of(agent("ani"), "load") == 50);
}

TEST_CASE_FIXTURE(Seldom, "who loses his connection for good keeps his mail, and only his chats go to others") {
  available({.name = "ani"});
  const auto mail = taken({{"promise_s", 14'400}, {"first_reply_by", store.now + 14'400'000}});
  const auto chat = taken({}, "chat");
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  store.pass(150'000);
  CHECK(state(mail) == "active");
  CHECK(text_of(conversation(mail), "agent") == "ani");
  CHECK(state(chat) == "waiting");
}

TEST_CASE_FIXTURE(Seldom, "who is held is looked at again: what has become more urgent, and fits, is his") {
  available({.name = "ani", .capacity = 300});
  taken({}, "chat");
  const auto chat = text_of(arrive("chat"), "conversation");
  available("ani");
  REQUIRE(text_of(agent("ani"), "held") == chat);
  const auto mail = text_of(arrive("email", {{"promise_s", 10}}), "conversation");
  REQUIRE(state(mail) == "waiting");
  store.now += 10'000;
  store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
  REQUIRE(state(mail) == "waiting");
  store.pass(5'000);
  CHECK(offered_to(mail) == "ani");
}

TEST_CASE_FIXTURE(Seldom, "a demand that nobody has asked for in a day is forgotten") {
  available({.name = "ani", .skills = {{"hy", 3}}});
  const auto id = taken({{"require", {{"hy", 2}}}});
  by_owner("resolve", id);
  const auto known = [this] { return store.command({"EXISTS", store.key("elig:service:hy=2")}).integer; };
  store.pass(86'000'000);
  CHECK(known() == 1);
  store.pass(400'000);
  CHECK(known() == 0);
  CHECK(audit().empty());
}

}  // namespace peyk::test
