// What time does by itself: leases, dormancy, waking, relaxing, overflow, closing.
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Time : StoreFixture {
  std::string arrives(std::string_view kind = "email", json::object asks = {}) {
    return text_of(arrive(kind, std::move(asks)), "conversation");
  }
  void renew(std::string_view name) { store.call("renew", {{"agent", name}, {"socket", "1"}}); }
  /// Time passes, with these agents' sockets alive.
  void pass(std::int64_t milliseconds, std::initializer_list<const char*> alive) {
    for (std::int64_t left = milliseconds; left > 0; left -= 10'000) {
      for (const auto* name : alive) renew(name);
      store.pass(std::min<std::int64_t>(left, 10'000));
    }
  }
};

}  // namespace

TEST_CASE_FIXTURE(Time, "a lost socket: nothing new at once, offers back after grace, chats after reassign_after") {
  available({.name = "ani"});
  const auto chat = taken({}, "chat");
  const auto mail = taken();
  const auto offered = arrives();
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  CHECK(state(arrives()) == "waiting");
  add({.name = "bob"});
  available("bob");
  pass(29'000, {"bob"});
  CHECK(offered_to(offered) == "ani");
  pass(1'000, {"bob"});
  CHECK(offered_to(offered) == "bob");
  CHECK(text_of(agent("ani"), "reason") == "connection lost");
  const auto since = number_of(conversation(chat), "unanswered_since");
  for (const auto& id : {chat, mail}) CHECK(text_of(conversation(id), "agent") == "ani");
  pass(90'000, {"bob"});
  CHECK(number_of(conversation(chat), "unanswered_since") == since);
  CHECK(text_of(conversation(chat), "agent").empty());
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Time, "a lease that nobody renews is a lost socket since its last renewal") {
  available({.name = "ani"});
  const auto id = arrives();
  store.pass(20'000);
  CHECK_FALSE(agent("ani").at("connected").as_bool());
  store.pass(10'000);
  CHECK(state(id) == "waiting");
}

TEST_CASE_FIXTURE(Time, "an agent is there until his last socket is gone") {
  available({.name = "ani"});
  store.call("renew", {{"agent", "ani"}, {"socket", "2"}});
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  CHECK(agent("ani").at("connected").as_bool());
  CHECK(state(arrives()) == "offered");
}

TEST_CASE_FIXTURE(Time, "after a gap deadlines are put off, and nobody is judged for one lease") {
  available({.name = "ani"});
  store.call("timers", {{"gap", 5000}});
  const auto id = arrives();
  store.now += 3'600'000;
  const auto said = store.call("timers", {{"gap", 5000}});
  CHECK(text_of(said.at("issues").as_array().at(0).as_object(), "code") == "store.gap");
  store.settle();
  CHECK(offered_to(id) == "ani");
  CHECK(agent("ani").at("connected").as_bool());
  store.pass(19'999);
  CHECK(agent("ani").at("connected").as_bool());
  store.pass(1);
  CHECK_FALSE(agent("ani").at("connected").as_bool());
}

TEST_CASE_FIXTURE(Time, "a clock that steps back is said, and deadlines follow it") {
  available({.name = "ani"});
  store.call("timers", {{"gap", 5000}});
  const auto id = arrives();
  store.now -= 600'000;
  const auto said = store.call("timers", {{"gap", 5000}});
  CHECK(text_of(said.at("issues").as_array().at(0).as_object(), "code") == "store.clock_jump");
  store.pass(29'000);
  CHECK(offered_to(id) == "ani");
  store.pass(1'000);
  CHECK(offered_to(id).empty());
}

TEST_CASE_FIXTURE(Time,
                  "the pause after an ordinary stop puts deadlines off and is no issue; one that nobody meant is") {
  const json::object tick{{"gap", 5000}};
  store.call("timers", tick);
  arrive();
  available({.name = "ani"});
  const auto offer = offers("ani").front();
  const auto expires = [&] {
    return number_of(store.call("read_offer", {{"offer", offer}}).at("offer").as_object(), "expires_at");
  };
  const auto before = expires();
  store.call("timers", {{"rest", true}});
  store.now += 3'600'000;
  CHECK_FALSE(store.call("timers", tick).contains("issues"));
  CHECK(expires() == before + 3'600'000);
  store.now += 60'000;
  CHECK(store.call("timers", tick).contains("issues"));
}

TEST_CASE_FIXTURE(Time, "end of shift: he finishes what he has and gets nothing new") {
  available({.name = "ani"});
  const auto held = taken();
  const auto offered = arrives();
  store.call("shift", {{"agent", "ani"}});
  CHECK(state(offered) == "waiting");
  CHECK(state(held) == "active");
  store.call("shift", {{"agent", "ani"}, {"on", true}});
  CHECK(offered_to(offered) == "ani");
}

TEST_CASE_FIXTURE(Time, "an answered chat weighs less once it is dormant, and its excess is carried when it wakes") {
  available({.name = "ani", .capacity = 200});
  const auto chat = taken({}, "chat");
  by_owner("reply", chat, {{"key", "1"}, {"message", "m_r"}, {"channel", "chat"}});
  pass(290'000, {"ani"});
  CHECK(number_of(agent("ani"), "load") == 200);
  pass(10'000, {"ani"});
  CHECK(number_of(agent("ani"), "load") == 50);
  const auto mail = taken();
  const auto sender = conversation(chat).at("long").as_object().at("participants").as_array().at(0);
  arrive("chat", {}, {{"sender", sender}, {"hint", chat}});
  CHECK(number_of(agent("ani"), "load") == 300);
  CHECK(state(arrives()) == "waiting");
  by_owner("resolve", mail);
  CHECK(number_of(agent("ani"), "load") == 200);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Time, "pending and snoozed wake at their time, or by the customer; snoozed weighs nothing") {
  available({.name = "ani"});
  const auto pending = taken();
  by_owner("pending", pending, {{"until", store.now + 50'000}});
  const auto snoozed = taken();
  by_owner("snooze", snoozed, {{"until", store.now + 60'000}});
  CHECK(number_of(agent("ani"), "load") == 100);
  pass(50'000, {"ani"});
  CHECK(state(pending) == "active");
  const auto sender = conversation(snoozed).at("long").as_object().at("participants").as_array().at(0);
  arrive("email", {}, {{"sender", sender}, {"hint", snoozed}});
  CHECK(state(snoozed) == "active");
  CHECK(number_of(agent("ani"), "load") == 200);
}

TEST_CASE_FIXTURE(Time, "a customer whose agent is gone for good is given to another") {
  available({.name = "ani"});
  const auto mail = taken();
  by_owner("pending", mail, {{"until", store.now + 86'400'000}});
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  available({.name = "bob"});
  pass(120'000, {"bob"});
  CHECK(state(mail) == "pending");
  const auto sender = conversation(mail).at("long").as_object().at("participants").as_array().at(0);
  arrive("email", {}, {{"sender", sender}, {"hint", mail}});
  CHECK(offered_to(mail) == "bob");
}

TEST_CASE_FIXTURE(Time,
                  "a dormant chat of an agent who is gone goes to another at its time, or when its customer writes") {
  available({.name = "ani"});
  const auto silent = taken({}, "chat");
  const auto speaks = taken({}, "chat");
  for (const auto& id : {silent, speaks}) {
    by_owner("reply", id, {{"key", "1"}, {"message", "m_" + id}, {"channel", "chat"}});
  }
  pass(300'000, {"ani"});
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  available({.name = "bob"});
  pass(120'000, {"bob"});
  for (const auto& id : {silent, speaks}) {
    CHECK(text_of(conversation(id), "agent") == "ani");
    CHECK(text_of(conversation(id), "next_actor") == "customer");
  }
  const auto sender = conversation(speaks).at("long").as_object().at("participants").as_array().at(0);
  arrive("chat", {}, {{"sender", sender}, {"hint", speaks}});
  CHECK(offered_to(speaks) == "bob");
  const auto named = number_of(conversation(silent), "next_at");
  CHECK(named > store.now);
  store.now = named - 1000;
  available("bob");
  store.settle();
  CHECK(text_of(conversation(silent), "agent") == "ani");
  store.now = named;
  store.settle();
  CHECK(offered_to(silent) == "bob");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Time, "a preference is insisted on for its time, then dropped, and matched at once") {
  available({.name = "ani"});
  const auto id = arrives("email", {{"prefer", json::array{json::object{{"skills", {{"fa", 3}}}, {"for", 20'000}}}}});
  CHECK(state(id) == "waiting");
  CHECK(number_of(conversation(id), "next_at") == store.now + 20'000);
  pass(19'000, {"ani"});
  CHECK(state(id) == "waiting");
  pass(1'000, {"ani"});
  CHECK(offered_to(id) == "ani");
}

TEST_CASE_FIXTURE(Time, "a preference that nobody in the roster has, or nobody who is there, is dropped at once") {
  const auto wants = [](const char* unless) {
    return json::object{
        {"prefer", json::array{json::object{{"skills", {{"fa", 3}}}, {"for", 60'000}, {"unless", unless}}}}};
  };
  available({.name = "ani"});
  CHECK(offered_to(arrives("email", wants("rostered"))) == "ani");
  available({.name = "farid", .skills = {{"fa", 5}}, .capacity = 100});
  CHECK(offered_to(arrives("email", wants("rostered"))) == "farid");
  const auto waits = arrives("email", wants("available"));
  CHECK(state(waits) == "waiting");  // he is there, and has no room
  store.call("presence", {{"agent", "farid"}, {"actor", actor("farid")}, {"state", "break"}, {"reason", "tea"}});
  store.settle();
  CHECK(state(waits) == "offered");
}

TEST_CASE_FIXTURE(Time, "preferences are dropped one after the other, the next one's time beginning where one ends") {
  const auto prefer = [](const char* unless) {
    json::object first{{"skills", {{"fa", 3}}}, {"for", 20'000}};
    if (*unless != 0) first["unless"] = unless;
    return json::object{{"prefer", json::array{first, json::object{{"skills", {{"hy", 3}}}, {"for", 20'000}}}}};
  };
  available({.name = "ani"});
  available({.name = "hasmik", .skills = {{"hy", 5}}, .capacity = 100});
  const auto first = arrives("email", prefer(""));
  pass(19'000, {"ani", "hasmik"});
  CHECK(state(first) == "waiting");
  pass(1'000, {"ani", "hasmik"});
  CHECK(offered_to(first) == "hasmik");
  accept("hasmik", offers("hasmik").front());  // full from now on
  const auto second = arrives("email", prefer(""));
  pass(39'000, {"ani", "hasmik"});
  CHECK(state(second) == "waiting");
  pass(1'000, {"ani", "hasmik"});
  CHECK(offered_to(second) == "ani");
  const auto third = arrives("email", prefer("rostered"));  // the first is no hope: the second's time begins at once
  CHECK(number_of(conversation(third), "next_at") == store.now + 20'000);
  pass(20'000, {"ani", "hasmik"});
  CHECK(offered_to(third) == "ani");
}

TEST_CASE_FIXTURE(Time, "a ring opens after its time") {
  available({.name = "ring", .queues = {"billing"}});
  const auto id = arrives("email", {{"rings", json::array{json::object{{"queue", "billing"}, {"after", 30'000}}}}});
  pass(29'000, {"ring"});
  CHECK(state(id) == "waiting");
  pass(1'000, {"ring"});
  CHECK(offered_to(id) == "ring");
}

TEST_CASE_FIXTURE(Time, "a ring's agent who gets room is offered a conversation that waits") {
  const auto id = arrives("email", {{"rings", json::array{json::object{{"queue", "billing"}, {"after", 0}}}}});
  CHECK(state(id) == "waiting");
  available({.name = "ring", .queues = {"billing"}});
  CHECK(offered_to(id) == "ring");
}

TEST_CASE_FIXTURE(Time, "overflow: at once when so many wait, later after a time, and a cycle of rules ends") {
  auto service = standard_queue("service");
  service["overflow"] = json::array{json::object{{"waiting", 1}, {"to", {{"queue", "billing"}}}},
                                    json::object{{"after", 30'000}, {"answer", 1}}};
  store.call("roster_queue", service);
  auto billing = standard_queue("billing");
  billing["overflow"] = json::array{json::object{{"waiting", 1}, {"to", {{"queue", "service"}}}}};
  store.call("roster_queue", billing);
  const auto first = arrives();
  CHECK(text_of(conversation(first), "queue") == "service");
  const auto second = arrives();
  CHECK(text_of(conversation(second), "queue") == "billing");
  const auto third = arrives();
  CHECK(state(third) == "waiting");
  store.now += 30'000;
  const auto said = store.call("timers");
  CHECK(number_of(said.at("overflow").as_array().at(0).as_object(), "answer") == 1);
  store.pass(120'000);
  CHECK(state(first) == "waiting");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Time, "overflow: nobody in the roster, a closed queue, a long wait") {
  auto service = standard_queue("service");
  service["overflow"] =
      json::array{json::object{{"nobody", true}, {"to", {{"queue", "billing"}}}},
                  json::object{{"closed", true}, {"answer", 2}}, json::object{{"wait", 60'000}, {"answer", 3}}};
  store.call("roster_queue", service);
  CHECK(text_of(conversation(arrives()), "queue") == "billing");
  add({.name = "ani"});
  store.call("queue_state", {{"queue", "service"}, {"closed", true}, {"wait_p50", 61'000}});
  const auto reply = arrive("email");
  REQUIRE(reply.at("overflow").as_array().size() == 2);
  CHECK(number_of(reply.at("overflow").as_array().at(1).as_object(), "answer") == 3);
}

TEST_CASE_FIXTURE(Time, "what is resolved closes after reopen_within, and its customer's link ends a lifetime later") {
  available({.name = "ani"});
  const auto id = taken();
  by_owner("resolve", id);
  store.pass(604'800'000);
  CHECK(state(id) == "closed");
  const auto link = text_of(conversation(id), "status_token");
  store.now += 86'400'000;
  CHECK(store.call("read_status", {{"token", link}, {"lifetime", 86'400'000}}).contains("conversation"));
  store.now += 1;
  const auto ended = store.call("read_status", {{"token", link}, {"lifetime", 86'400'000}});
  CHECK(ended.at("ended") == true);
  CHECK(ended.size() == 1);
}

TEST_CASE_FIXTURE(Time, "every open conversation has a next step that is not past, however long it waits") {
  const auto id = arrives();
  for (int i = 0; i < 20; ++i) {
    store.pass(600'000);
    CHECK(number_of(conversation(id), "next_at") > store.now);
    CHECK(text_of(conversation(id), "next_actor") == "router");
  }
}

}  // namespace peyk::test
