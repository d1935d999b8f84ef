// Reloads: who and what is gone, with work in hand.
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

/// What waits in "service" and nobody can ever take.
json::array unroutable(Store& store) {
  const auto queues = store.call("read_queues").at("queues").as_array();
  const auto* dead = queues.at(1).as_object().if_contains("unroutable");
  return dead == nullptr ? json::array() : dead->as_array();
}

}  // namespace

TEST_CASE_FIXTURE(StoreFixture, "an agent who is gone: what he holds goes back at its age, a few at a time") {
  available({.name = "ani"});
  const std::vector<std::string> ids{taken(), taken(), taken(), taken()};
  const auto offered = text_of(arrive(), "conversation");
  const auto since = number_of(conversation(ids[0]), "age_at");
  CHECK(number_of(store.call("roster_remove_agent", {{"agent", "ani"}, {"limit", 3}}), "left") == 1);
  CHECK_FALSE(store.call("roster_remove_agent", {{"agent", "ani"}, {"limit", 3}}).contains("left"));
  store.call("roster_remove_agent", {{"agent", "ani"}});
  for (const auto& id : ids) CHECK(state(id) == "waiting");
  CHECK(state(offered) == "waiting");
  CHECK(number_of(conversation(ids[0]), "age_at") == since);
  CHECK(text_of(store.refusal("read_agent", {{"agent", "ani"}}), "error") == "not_found");
  CHECK(audit().empty());
  available({.name = "bob"});
  CHECK(offers("bob").size() == 5);
}

TEST_CASE_FIXTURE(StoreFixture, "an agent who is gone: what was handed to him goes back too, within the same limit") {
  available({.name = "ani"});
  add({.name = "bob"});
  const std::vector<std::string> ids{taken(), taken(), taken()};
  for (const auto& id : ids) by_owner("transfer", id, {{"to", "bob"}});
  CHECK(number_of(store.call("roster_remove_agent", {{"agent", "bob"}, {"limit", 2}}), "left") == 1);
  CHECK_FALSE(store.call("roster_remove_agent", {{"agent", "bob"}, {"limit", 2}}).contains("left"));
  for (const auto& id : ids) CHECK(state(id) == "waiting");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture, "all who insisted on somebody who is there are looked at when he leaves") {
  available({.name = "ani", .skills = {{"hy", 5}}, .capacity = 100});
  taken();
  const json::array prefer{json::object{{"skills", {{"hy", 3}}}, {"for", 3'600'000}, {"unless", "available"}}};
  for (int i = 0; i < 120; ++i) arrive("email", {{"prefer", prefer}});
  const auto waiting_for = [this](const std::string& demand) {
    return store.command({"ZCARD", store.key("lane:service:email:normal:120:" + demand)}).integer;
  };
  REQUIRE(waiting_for("hy=3") == 120);
  store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "away"}});
  store.settle();
  CHECK(waiting_for("hy=3") == 0);
  CHECK(waiting_for("") == 120);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(
    StoreFixture,
    "who insists on a skill that is unlearned, or on somebody who is removed, is looked at by the next tick") {
  const auto prefers = [](const char* skill, const char* unless) {
    return json::object{
        {"prefer", json::array{json::object{{"skills", {{skill, 3}}}, {"for", 3'600'000}, {"unless", unless}}}}};
  };
  const auto demand = [this](const std::string& id) {
    return text_of(store.call("read_explain", {{"conversation", id}}), "demand");
  };
  available({.name = "ani", .skills = {{"hy", 5}}, .capacity = 100});
  add({.name = "ben", .skills = {{"fa", 5}}});
  taken();
  const auto available_one = text_of(arrive("email", prefers("hy", "available")), "conversation");
  const auto rostered_one = text_of(arrive("email", prefers("hy", "rostered")), "conversation");
  const auto of_ben = text_of(arrive("email", prefers("fa", "rostered")), "conversation");
  REQUIRE((demand(available_one) == "hy=3" && demand(rostered_one) == "hy=3" && demand(of_ben) == "fa=3"));
  add({.name = "ani", .capacity = 100});
  store.call("roster_commit", {{"config", "one"}});
  store.settle();
  CHECK(demand(available_one).empty());
  CHECK(demand(rostered_one).empty());
  CHECK(demand(of_ben) == "fa=3");
  store.call("roster_remove_agent", {{"agent", "ben"}});
  store.call("roster_commit", {{"config", "two"}});
  store.settle();
  CHECK(demand(of_ben).empty());
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture, "a queue that is gone is refused while it has work and no move is named") {
  const auto id = text_of(arrive(), "conversation");
  const json::object without{{"queues", json::array{"billing"}}, {"agents", json::array{}}};
  const auto refused = store.refusal("roster_check", without);
  CHECK(text_of(refused, "why") == "queue");
  CHECK(text_of(store.refusal("roster_remove_queue", {{"queue", "service"}}), "why") == "queue");
  CHECK(state(id) == "waiting");
  auto moving = without;
  moving["moves"] = json::object{{"service", "billing"}};
  CHECK(store.call("roster_check", moving).at("gone_queues").as_array().size() == 1);
}

TEST_CASE_FIXTURE(StoreFixture, "a queue that is gone: its work moves, whoever has it") {
  available({.name = "ani", .queues = {"service", "billing"}, .capacity = 200});
  const auto active = taken();
  const auto offered = text_of(arrive(), "conversation");
  const auto waiting = text_of(arrive(), "conversation");
  store.call("roster_remove_queue", {{"queue", "service"}, {"to", {{"queue", "billing"}, {"promise_s", 600}}}});
  for (const auto& id : {active, offered, waiting}) CHECK(text_of(conversation(id), "queue") == "billing");
  CHECK(text_of(conversation(active), "agent") == "ani");
  CHECK(state(waiting) != "active");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture,
                  "a queue that is taken away and comes back lends its agents again to those who borrow") {
  const json::array rings{json::object{{"queue", "billing"}, {"after", 0}}};
  const auto waiting = text_of(arrive("email", {{"rings", rings}}), "conversation");
  store.call("roster_remove_queue", {{"queue", "billing"}});
  store.call("roster_queue", standard_queue("billing"));
  available({.name = "mehri", .queues = {"billing"}});
  CHECK(offered_to(waiting) == "mehri");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture, "a skill learned, a capacity raised: what waited is found") {
  available({.name = "ani", .capacity = 100});
  const auto skilled = text_of(arrive("email", {{"require", {{"hy", 3}}}}), "conversation");
  arrive();
  const auto third = text_of(arrive(), "conversation");
  add({.name = "ani", .skills = {{"hy", 3}}, .capacity = 300});
  store.settle();
  CHECK(offered_to(skilled) == "ani");
  CHECK(offered_to(third) == "ani");
}

TEST_CASE_FIXTURE(StoreFixture, "a skill forgotten: no more of that, and what he has he keeps") {
  available({.name = "ani", .skills = {{"hy", 3}}});
  const auto id = taken({{"require", {{"hy", 3}}}});
  add({.name = "ani"});
  CHECK(text_of(conversation(id), "agent") == "ani");
  CHECK(text_of(arrive("email", {{"require", {{"hy", 3}}}}), "state") == "waiting");
  REQUIRE(unroutable(store).size() == 1);
  CHECK(text_of(unroutable(store).at(0).as_object(), "demand") == "hy=3");
}

TEST_CASE_FIXTURE(StoreFixture,
                  "nobody can ever take it: said of what it asks for in the end, and no longer once somebody can") {
  add({.name = "ani", .skills = {{"hy", 3}}, .capacity = 150});
  add({.name = "bella", .queues = {"billing"}, .skills = {{"fa", 5}}});
  arrive("email", {{"prefer", json::array{json::object{{"skills", {{"fa", 9}}}, {"for", 60'000}}}}});
  arrive("email",
         {{"require", {{"fa", 5}}}, {"rings", json::array{json::object{{"queue", "billing"}, {"after", 60'000}}}}});
  CHECK(unroutable(store).empty());
  const auto chat = text_of(arrive("chat"), "conversation");  // two units, of which nobody has room for more than 1.5
  arrive("chat");
  arrive("email",
         {{"require", {{"fa", 6}}}, {"rings", json::array{json::object{{"queue", "billing"}, {"after", 60'000}}}}});
  auto dead = unroutable(store);
  REQUIRE(dead.size() == 2);
  std::sort(dead.begin(), dead.end(), [](const auto& left, const auto& right) {
    return text_of(left.as_object(), "kind") < text_of(right.as_object(), "kind");
  });
  CHECK(text_of(dead.at(0).as_object(), "conversation") == chat);
  CHECK(number_of(dead.at(0).as_object(), "waiting") == 2);
  CHECK(text_of(dead.at(1).as_object(), "demand") == "fa=6+billing");
  add({.name = "bella", .queues = {"billing"}, .skills = {{"fa", 6}}});
  add({.name = "ani", .capacity = 200});
  CHECK(unroutable(store).empty());
}

TEST_CASE_FIXTURE(StoreFixture, "nobody can ever take it: found behind any number of older demands that somebody can") {
  json::object skills;
  for (int i = 0; i < 150; ++i) skills["s" + std::to_string(i)] = 1;
  add({.name = "ani", .skills = skills});
  for (int i = 0; i < 150; ++i) arrive("email", {{"require", {{"s" + std::to_string(i), 1}}}});
  CHECK(unroutable(store).empty());
  const auto id = text_of(arrive("email", {{"require", {{"s1", 1}, {"fa", 1}}}}), "conversation");
  REQUIRE(unroutable(store).size() == 1);
  CHECK(text_of(unroutable(store).at(0).as_object(), "conversation") == id);
}

TEST_CASE_FIXTURE(StoreFixture, "nobody can ever take it: counted by what each of a lane asks for in the end") {
  add({.name = "ani", .skills = {{"hy", 3}}});
  const auto prefer = [this](json::object require, int level) {
    return text_of(
        arrive("email", {{"require", require},
                         {"prefer", json::array{json::object{{"skills", {{"hy", level}}}, {"for", 60'000}}}}}),
        "conversation");
  };
  for (int i = 0; i < 60; ++i) prefer({}, 9);
  const auto first = prefer({{"hy", 8}}, 9);
  prefer({{"hy", 8}}, 9);
  const auto plain = text_of(arrive("email", {{"require", {{"hy", 9}}}}), "conversation");
  auto dead = unroutable(store);
  REQUIRE(dead.size() == 2);
  CHECK(dead.at(0) == json::value({{"kind", "email"},
                                   {"demand", "hy=8"},
                                   {"waiting", 2},
                                   {"conversation", first},
                                   {"reference", text_of(conversation(first), "reference")}}));
  CHECK(text_of(dead.at(1).as_object(), "conversation") == plain);
  CHECK(number_of(dead.at(1).as_object(), "waiting") == 1);
  CHECK(audit().empty());
  store.pass(60'000);  // the preferences are dropped
  dead = unroutable(store);
  REQUIRE(dead.size() == 2);
  CHECK(number_of(dead.at(1).as_object(), "waiting") + number_of(dead.at(0).as_object(), "waiting") == 3);
  CHECK(store.command({"EXISTS", store.key("wider:service")}).integer == 0);
  add({.name = "ani", .skills = {{"hy", 9}}});
  CHECK(unroutable(store).empty());
}

TEST_CASE_FIXTURE(StoreFixture, "a queue knows by when the first of its waiting was promised an answer") {
  add({.name = "ani"});
  arrive("email", {{"first_reply_by", store.now + 500'000}, {"promise_s", 500}});
  arrive("chat", {{"first_reply_by", store.now + 60'000}, {"promise_s", 60}});
  const auto queues = store.call("read_queues").at("queues").as_array();
  CHECK(number_of(queues.at(1).as_object(), "due_at") == store.now + 60'000);
}

TEST_CASE_FIXTURE(StoreFixture, "a kind's weight halved: everyone is looked at again") {
  available({.name = "ani", .capacity = 200});
  arrive("chat");
  const auto second = text_of(arrive("chat"), "conversation");
  auto settings = standard_settings();
  settings["kinds"].as_object()["chat"].as_object()["weight"] = 100;
  settings["kinds"].as_object()["email"].as_object()["weight"] = 50;
  store.call("roster_settings", settings);
  accept("ani", offers("ani").front());
  by_owner("resolve", "c_1");
  store.settle();
  CHECK(offered_to(second) == "ani");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture,
                  "a roster that ends an agent's shift: his live offers go elsewhere, and none comes back to him") {
  available({.name = "ani"});
  const auto id = taken();
  by_owner("resolve", id);
  arrive("email", {}, {{"hint", id}, {"sender", {{"kind", "email"}, {"value", "customer-1@x.example"}}}});
  REQUIRE(offered_to(id) == "ani");  // his former customer is his first
  available({.name = "bob"});
  json::object off{{"agent", "ani"}, {"name", "ani"}, {"queues", json::array{"service"}}, {"capacity", 600}};
  off["on_shift"] = false;
  store.call("roster_agent", off);
  CHECK(offers("ani").empty());
  CHECK(offered_to(id) == "bob");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture, "a roster begun counts as no configuration until it is committed") {
  const json::object all{{"queues", json::array{"service", "billing"}}};
  store.call("roster_begin", {{"config", "one"}});
  store.call("roster_commit", {{"config", "one"}});
  CHECK(text_of(store.call("roster_check", all), "config") == "one");
  store.call("roster_begin", {{"config", "two"}});
  CHECK(text_of(store.call("roster_check", all), "config").empty());
  store.call("roster_commit", {{"config", "one"}});  // of another daemon, which began earlier
  CHECK(text_of(store.call("roster_check", all), "config").empty());
  store.call("roster_commit", {{"config", "two"}});
  CHECK(text_of(store.call("roster_check", all), "config") == "two");
}

TEST_CASE_FIXTURE(StoreFixture, "writing the same roster again changes nothing") {
  add({.name = "ani"});
  CHECK_FALSE(store
                  .call("roster_agent", {{"agent", "ani"},
                                         {"name", "ani"},
                                         {"skills", json::object{}},
                                         {"queues", json::array{"service"}},
                                         {"capacity", 600}})
                  .contains("changed"));
}

TEST_CASE_FIXTURE(StoreFixture, "agents are counted by state, through every change of it, without looking at each") {
  const auto states = [this] {
    const auto counts = store.call("read_states").at("agents").as_object();
    std::string text;
    for (const auto* state : {"available", "busy", "break", "away"}) text += std::to_string(number_of(counts, state));
    return text;
  };
  CHECK(states() == "0000");
  for (const auto* name : {"ani", "bob"}) add({.name = name});
  CHECK(states() == "0002");
  available("ani");
  available("bob");
  CHECK(states() == "2000");
  store.call("presence", {{"agent", "bob"}, {"actor", actor("bob")}, {"state", "break"}});
  store.call("presence", {{"agent", "bob"}, {"actor", actor("bob")}, {"state", "break"}, {"reason", "tea"}});
  CHECK(states() == "1010");
  add({.name = "ani", .capacity = 100});
  CHECK(states() == "1010");
  store.pass(60'000);  // nobody renews: his connection is lost
  CHECK(states() == "0002");
  store.call("roster_remove_agent", {{"agent", "bob"}});
  CHECK(states() == "0001");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture, "agents are read in pages, each once and in order of their names") {
  for (const auto* name : {"dan", "ani", "cyrus", "bob", "eve"}) add({.name = name});
  std::vector<std::string> names;
  json::object asked{{"limit", 2}};
  while (true) {
    const auto page = store.call("read_agents", asked);
    if (const auto* agents = page.if_contains("agents")) {
      for (const auto& value : agents->as_array()) names.push_back(text_of(value.as_object(), "agent"));
    }
    if (!page.contains("next")) break;
    asked["after"] = page.at("next");
  }
  CHECK(names == std::vector<std::string>{"ani", "bob", "cyrus", "dan", "eve"});
}

}  // namespace peyk::test
