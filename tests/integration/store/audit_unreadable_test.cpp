// Agents, offers and contacts that cannot be read: the audit names them and makes them anew.
#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

/// No record, a number, a record without any field, another type.
constexpr const char* kDamages[] = {"\xc1", "garbage", "\x80", ""};

struct Unreadable : Damaged {
  /// Named by an audit that mends nothing, then mended.
  void found() {
    CHECK(has_code(audit(), "record.unreadable"));
    finds("record.unreadable");
  }
  /// Another record, or where that is empty something of another type.
  void plant(const std::string& key, std::string_view record) {
    damage({"DEL", key});
    if (record.empty()) {
      damage({"RPUSH", key, "x"});
    } else {
      damage({"SET", key, std::string(record)});
    }
  }
  template <typename Check>
  void each_damage(const std::string& key, Check check) {
    for (const auto* record : kDamages) {
      CAPTURE(key);
      CAPTURE(record);
      plant(key, record);
      found();
      check();
    }
  }
  json::object known_of(std::string_view name) {
    auto view = agent(name);
    view.erase("idle_since");
    return view;
  }
  json::object contact(const std::string& id) {
    return store.call("read_contact", {{"contact", id}}).at("contact").as_object();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Unreadable, "audit: an agent who cannot be read is who the roster and the sets say") {
  auto queue = standard_queue("service");
  queue["wrap_up"] = 60'000;
  store.call("roster_queue", queue);
  add({.name = "eva", .skills = {{"hy", 3}}, .capacity = 350, .kinds = {{"chat", {{"max", 1}}}}});
  available("eva");
  accept("eva", offers("eva").front());
  const auto solved = taken();
  by_owner("resolve", solved);
  for (const auto* name : {"ani", "eva"}) {
    const auto before = known_of(name);
    each_damage("a:" + std::string(name), [&] { CHECK(known_of(name) == before); });
  }
  CHECK(store.command({"PTTL", store.key("lost:a:eva")}).integer > 0);
  CHECK(text_of(arrive("email", {{"require", {{"hy", 3}}}}), "agent").empty());
  CHECK(offers("eva").size() == 1);
  by_owner("resolve", active);
  accept("ani", offers("ani").front());
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Unreadable, "audit: an agent made anew carries what he did before anything else is looked at") {
  const auto load = number_of(agent("ani"), "load");
  spoil(store, "a:ani");
  store.call("audit", {{"repair", true}, {"limit", 10}, {"cursor", "first 0"}});
  CHECK(number_of(agent("ani"), "load") == load);
  CHECK(text_of(arrive(), "state") == "waiting");
}

TEST_CASE_FIXTURE(Unreadable, "audit: an agent who cannot be read takes a break or is off his shift as he was") {
  store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "break"}});
  each_damage("a:ani", [&] { CHECK(text_of(agent("ani"), "state") == "break"); });
  store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "available"}});
  store.call("shift", {{"agent", "ani"}, {"on", false}});
  each_damage("a:ani", [&] { CHECK_FALSE(agent("ani").at("on_shift").as_bool()); });
}

TEST_CASE_FIXTURE(Unreadable, "audit: an agent who cannot be read is held for what he was") {
  const auto chat = text_of(arrive("chat", {{"promise_s", 1}}), "conversation");
  store.pass(5000);
  by_owner("resolve", active);
  REQUIRE(text_of(agent("ani"), "held") == chat);
  each_damage("a:ani", [&] { CHECK(text_of(agent("ani"), "held") == chat); });
}

TEST_CASE_FIXTURE(Unreadable, "audit: an agent who cannot be read and is gone: his chats go to others in time") {
  by_owner("resolve", active);
  for (const auto& offer : offers("ani")) accept("ani", offer);
  for (const auto& id : {waiting, offered}) by_owner("resolve", id);
  const auto chat = text_of(arrive("chat"), "conversation");
  accept("ani", offers("ani").front());
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  damage({"ZREM", "timers:fast", "r|ani"});
  spoil(store, "a:ani");
  found();
  CHECK_FALSE(agent("ani").at("connected").as_bool());
  CHECK(text_of(conversation(chat), "agent") == "ani");
  store.pass(120'000);
  CHECK(state(chat) == "waiting");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Unreadable, "audit: an agent who cannot be read, and whom no roster knows: his work goes to others") {
  available({.name = "eva"});
  spoil(store, "a:ani");
  damage({"HDEL", "roster", "ani"});
  found();
  for (const auto& id : {active, offered}) CHECK(offered_to(id) == "eva");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Unreadable, "audit: an offer that cannot be read is given up: its conversation keeps its age") {
  const auto age = number_of(conversation(offered), "age_at");
  for (const bool listed : {true, false}) {
    for (const auto* record : kDamages) {
      CAPTURE(listed);
      CAPTURE(record);
      store.now += 1000;
      const auto offer = offers("ani").front();
      plant("o:" + offer, record);
      if (!listed) damage({"DEL", "offers:ani"});
      found();
      CHECK(number_of(conversation(offered), "age_at") == age);
      CHECK(offered_to(offered) == "ani");
      CHECK(offers("ani").front() != offer);
      CHECK(number_of(agent("ani"), "load") == 200);
    }
  }
  accept("ani", offers("ani").front());
}

TEST_CASE_FIXTURE(Unreadable, "audit: an agent and his offer that cannot be read are mended at once, and both kept") {
  const auto kept = [this](const std::string& name) { return store.command({"GET", store.key("lost:" + name)}).text; };
  for (const bool listed : {true, false}) {
    CAPTURE(listed);
    const auto before = known_of("ani");
    const auto offer = offers("ani").front();
    plant("o:" + offer, "garbage");
    plant("a:ani", listed ? "\xc1" : "trash");
    if (!listed) damage({"ZREM", "agents", "ani"});
    store.call("audit", {{"repair", true}, {"limit", 500}, {"cursor", "first 0"}});
    store.call("audit", {{"repair", true}, {"limit", 500}, {"cursor", "scan 0"}});
    CHECK(number_of(agent("ani"), "capacity") == 200);
    CHECK(number_of(agent("ani"), "load") == number_of(before, "load"));
    CHECK(kept("o:" + offer) == "garbage");
    CHECK(kept("a:ani") == "\xc1");
    audit(true);
    CHECK(audit().empty());
    CHECK(offers("ani").size() == 1);
    CHECK(number_of(agent("ani"), "load") == 200);
  }
  CHECK(kept("a:ani#2") == "trash");
  CHECK(kept("a:ani#3").empty());
}

TEST_CASE_FIXTURE(Unreadable, "audit: an agent, what he carries and another's offer, none of which can be read") {
  available({.name = "eva", .capacity = 100});
  REQUIRE(offered_to(waiting) == "eva");
  plant("o:" + offers("eva").front(), "garbage");
  spoil(store, "a:ani");
  spoil(store, "c:" + active);
  store.call("audit", {{"repair", true}, {"limit", 500}, {"cursor", "first 0"}});
  CHECK(number_of(agent("ani"), "capacity") == 200);
  CHECK(number_of(agent("ani"), "load") == 200);
  audit(true);
  CHECK(audit().empty());
  CHECK(store.command({"GET", store.key("lost:a:ani")}).text == "\xc1");
  CHECK(store.command({"EXISTS", store.key("lost:a:ani#2")}).integer == 0);
}

TEST_CASE_FIXTURE(Unreadable, "audit: a contact who cannot be read is who wrote, with the conversations he has") {
  const json::object who{{"kind", "email"}, {"value", "one@x.example"}, {"verified", true}};
  const auto write = [&] {
    store.now += 1000;
    return text_of(arrive("email", {}, {{"sender", who}, {"name", "One"}}), "conversation");
  };
  write();
  const auto id = text_of(conversation(write()), "contact");
  const auto before = contact(id);
  each_damage("p:" + id, [&] { CHECK(contact(id) == before); });
  CHECK(text_of(conversation(write()), "contact") == id);
}

TEST_CASE_FIXTURE(Unreadable, "audit: a contact who cannot be read, and has no conversation") {
  damage({"SET", "p:p_none", "garbage"});
  found();
  CHECK(text_of(contact("p_none"), "id") == "p_none");
}

}  // namespace peyk::test
