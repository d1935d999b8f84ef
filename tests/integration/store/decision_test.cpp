// What a decision keeps: whom each reason ruled out for its demand, and who or what came next by which terms.
#include <map>
#include <string>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Deciding : StoreFixture {
  const json::object hy{{"require", {{"hy", 3}}}};

  std::string id_of(const json::object& reply) { return text_of(reply, "conversation"); }
  json::object explained(std::string_view id) { return store.call("read_explain", {{"conversation", id}}); }
  /// Of the last decision about it.
  json::object decision(std::string_view id) {
    return explained(id).at("decisions").as_array().back().at("decision").as_object();
  }
  void decline(std::string_view agent) {
    store.call("decline", {{"agent", agent}, {"actor", actor(agent)}, {"offer", offers(agent).back()}});
  }
  void set_state(std::string_view agent, std::string_view state) {
    store.call("presence", {{"agent", agent}, {"actor", actor(agent)}, {"state", state}});
  }
  /// Available, with hy 3 and room for nothing more.
  void full(const RosterAgent& agent) {
    available(agent);
    REQUIRE(offered_to(id_of(arrive("email", hy))) == agent.name);
  }
  /// Who is held for a chat that he alone may take.
  void held(const std::string& name) {
    available({.name = name, .skills = {{"hy", 3}, {"x", 1}}, .capacity = 200});
    const auto first = id_of(arrive("email", hy));
    arrive("email", hy);
    for (const auto& offer : offers(name)) accept(name, offer);
    arrive("chat", {{"require", {{"x", 1}}}});
    store.now += 1000;
    by_owner("resolve", first);
    REQUIRE_FALSE(text_of(agent(name), "held").empty());
  }
};

std::vector<std::string> order(const json::object& decision) {
  std::vector<std::string> ids;
  for (const auto& item : decision.at("item").as_array()) ids.emplace_back(item.at(0).as_string());
  return ids;
}

}  // namespace

TEST_CASE_FIXTURE(Deciding, "each agent of the roster is ruled out by one reason, that of the conversation's demand") {
  full({.name = "full", .skills = {{"hy", 3}}, .capacity = 100});
  full({.name = "most", .skills = {{"hy", 3}}, .kinds = {{"email", {{"max", 1}}}}});
  held("held");
  add({.name = "stranger", .queues = {"billing"}, .skills = {{"hy", 5}}});
  available({.name = "learner", .skills = {{"hy", 2}}});
  add({.name = "absent", .skills = {{"hy", 3}}});
  for (const auto* state : {"away", "busy", "break"}) {
    available({.name = state, .skills = {{"hy", 3}}});
    set_state(state, state);
  }
  available({.name = "home", .skills = {{"hy", 3}}});
  store.call("shift", {{"agent", "home"}});
  available({.name = "one", .skills = {{"hy", 4}}, .capacity = 2000});
  available({.name = "two", .skills = {{"hy", 4}}, .capacity = 1000});

  const auto id = id_of(arrive("email", hy));
  const auto first = decision(id);
  CHECK(first.at("win").at("a") == "one");
  CHECK(first.at("next").at(0).at("a") == "two");
  CHECK(first.at("of") == 10);
  CHECK(first.at("no") == json::parse(R"({"queue":1,"skill":1,"absent":1,"away":1,"busy":1,"break":1,"shift":1,
                                          "room":1,"max":1,"held":1})"));
  CHECK_FALSE(first.contains("age"));
  decline("one");
  CHECK(decision(id).at("win").at("a") == "two");
  CHECK(decision(id).at("no").at("cooldown") == 1);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Deciding, "one who is ruled out by a reason no longer is not counted under it") {
  available({.name = "ani"});
  available({.name = "bob"});
  for (const auto* state : {"busy", "break", "available"}) set_state("bob", state);
  CHECK_FALSE(decision(id_of(arrive())).contains("no"));
  store.call("socket_gone", {{"agent", "bob"}, {"socket", "1"}});
  CHECK(decision(id_of(arrive())).at("no") == json::parse(R"({"absent":1})"));
  store.call("roster_remove_agent", {{"agent", "bob"}});
  CHECK_FALSE(decision(id_of(arrive())).contains("no"));
}

TEST_CASE_FIXTURE(Deciding, "whose offers go back is ruled out by why they do, and not by the room that they took") {
  available({.name = "ani", .capacity = 100});
  const auto id = id_of(arrive());
  for (const auto* state : {"break", "busy", "away"}) {
    set_state("ani", "available");
    REQUIRE(offered_to(id) == "ani");
    set_state("ani", state);
    json::object why;
    why[state] = 1;
    CHECK(explained(id).at("ruled_out") == why);
  }
  set_state("ani", "available");
  store.call("shift", {{"agent", "ani"}});
  CHECK(explained(id).at("ruled_out") == json::parse(R"({"shift":1})"));
  store.call("shift", {{"agent", "ani"}, {"on", true}});
  available({.name = "bob", .capacity = 100});
  REQUIRE(offered_to(id) == "ani");
  set_state("ani", "break");
  CHECK(decision(id).at("win").at("a") == "bob");
  CHECK(decision(id).at("no") == json::parse(R"({"break":1})"));
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Deciding, "agents of an open ring are counted with the queue's own, each once") {
  available({.name = "own"});
  add({.name = "both", .queues = {"service", "billing"}});
  add({.name = "ring", .queues = {"billing"}});
  const auto id = id_of(arrive("email", {{"rings", json::array{json::object{{"queue", "billing"}, {"after", 0}}}}}));
  CHECK(decision(id).at("of") == 3);
  CHECK(decision(id).at("no") == json::parse(R"({"absent":2})"));
}

TEST_CASE_FIXTURE(Deciding, "who waits keeps why nobody took it, also when it has an agent, and when it is done") {
  available({.name = "ani", .skills = {{"hy", 3}}, .capacity = 100});
  add({.name = "bob"});
  const auto before = taken(hy);
  const auto since = store.now;
  const auto id = id_of(arrive("email", hy));
  const auto none = id_of(arrive("email", {{"require", {{"hy", 5}}}}));
  const auto why = json::parse(R"({"skill":1,"room":1})");
  CHECK(explained(id).at("ruled_out") == why);
  store.now += 5000;
  by_owner("resolve", before);
  CHECK(decision(id).at("was") == why);
  CHECK(decision(id).at("since") == since);
  CHECK_FALSE(explained(id).contains("ruled_out"));
  store.call("resolve", {{"conversation", none}, {"actor", actor("ani")}});
  CHECK(explained(none).at("ruled_out") == json::parse(R"({"skill":2})"));
  store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offers("ani").back()}});
  CHECK(explained(id).at("ruled_out") == json::parse(R"({"skill":1,"cooldown":1})"));
}

TEST_CASE_FIXTURE(Deciding, "what many agents rule out is counted now and then, and the decision says how long ago") {
  for (int i = 0; i < 40; ++i) add({.name = "absent-" + std::to_string(i)});
  available({.name = "ani", .capacity = 2000});
  CHECK(decision(id_of(arrive())).at("no") == json::parse(R"({"absent":40})"));
  available("absent-1");
  set_state("absent-1", "busy");
  store.now += 50;
  const auto old = decision(id_of(arrive()));
  CHECK(old.at("no") == json::parse(R"({"absent":40})"));
  CHECK(old.at("age") == 50);
  store.now += 400;
  const auto fresh = decision(id_of(arrive()));
  CHECK(fresh.at("no") == json::parse(R"({"absent":39,"busy":1})"));
  CHECK_FALSE(fresh.contains("age"));
}

TEST_CASE_FIXTURE(Deciding, "the item rule keeps the winner and two behind it: value, age, promise, urgency") {
  const auto mail = id_of(arrive("email", {{"promise_s", 600}}));
  store.now += 20'000;
  const auto high = id_of(arrive("email", {{"priority", "high"}}));
  const auto second = id_of(arrive("email", {{"priority", "high"}}));
  store.now += 30'000;
  const auto other = id_of(arrive("email", {{"queue", "billing"}, {"require", {{"hy", 1}}}}));
  store.now += 10'000;
  available({.name = "ani", .queues = {"service", "billing"}, .skills = {{"hy", 2}}, .capacity = 100});
  REQUIRE(offered_to(high) == "ani");
  const auto kept = decision(high);
  CHECK(kept.at("by") == "room");
  const auto expected = json::array{json::array{high, 666, 40, 120, 2}, json::array{second, 666, 40, 120, 2},
                                    json::array{mail, 100, 60, 600, 1}};
  CHECK(kept.at("item") == expected);
  accept("ani", offers("ani").front());
  by_owner("resolve", high);
  CHECK(order(decision(second)) == std::vector{second, mail, other});
  CHECK(text_of(explained(second).at("references").as_object(), mail) == text_of(conversation(mail), "reference"));
  accept("ani", offers("ani").front());
  by_owner("resolve", second);
  CHECK(order(decision(mail)) == std::vector{mail, other});
}

TEST_CASE_FIXTURE(Deciding, "the item rule's runners-up come from lanes of other demands too") {
  const auto one = id_of(arrive("email", {{"require", {{"hy", 1}}}}));
  store.now += 1000;
  id_of(arrive("email", {{"require", {{"fa", 1}}}}));  // not his
  store.now += 1000;
  const auto two = id_of(arrive());
  store.now += 1000;
  const auto three = id_of(arrive("email", {{"require", {{"hy", 1}}}}));
  available({.name = "ani", .skills = {{"hy", 2}}, .capacity = 100});
  CHECK(order(decision(one)) == std::vector{one, two, three});
}

TEST_CASE_FIXTURE(Deciding, "what relaxed while it waited says so in the decision of whoever gets room for it") {
  add({.name = "ani"});
  const auto wish = [](const char* skill) { return json::object{{"skills", {{skill, 3}}}, {"for", 60'000}}; };
  const auto id = id_of(arrive("email", {{"prefer", json::array{wish("hy"), wish("fa")}}}));
  store.pass(60'000);
  available({.name = "ani", .skills = {{"fa", 3}}});
  CHECK(text_of(decision(id), "by") == "room");
  CHECK(number_of(decision(id), "step") == 1);
  CHECK(number_of(decision(id), "rel") == store.now + 60'000);
}

TEST_CASE_FIXTURE(Deciding,
                  "what was handed to one agent is kept from all others, and may be his be he of another queue") {
  available({.name = "ani"});
  const auto id = taken();
  available({.name = "bob"});
  add({.name = "eva", .queues = {"billing"}});
  by_owner("transfer", id, {{"to", "eva"}, {"timeout", 30'000}});
  const auto reasons = [&] {
    std::map<std::string, std::string> list;
    const auto candidates = explained(id).at("candidates").as_array();
    for (const auto& one : candidates) {
      list[text_of(one.as_object(), "agent")] = text_of(one.as_object(), "reason");
    }
    return list;
  };
  CHECK(reasons() == std::map<std::string, std::string>{{"ani", "kept"}, {"bob", "kept"}, {"eva", "absent"}});
  const auto waiting = explained(id).at("waiting").as_object();
  CHECK(text_of(waiting, "kept_for") == "eva");
  CHECK(number_of(waiting, "kept_until") == store.now + 30'000);
}

}  // namespace peyk::test
