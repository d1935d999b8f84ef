// Which conversation a free agent gets: each term of the rule decides once.
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Waiting : StoreFixture {
  std::string wait(std::string_view kind, json::object asks = {}) {
    return text_of(arrive(kind, std::move(asks)), "conversation");
  }
  /// What an agent gets who becomes available with room for one mail.
  std::string gets(int capacity = 100) {
    available({.name = "ani", .queues = {"service", "billing"}, .capacity = capacity});
    const auto list = offers("ani");
    if (list.empty()) return {};
    const auto seen = store.call("read_offer", {{"offer", list.front()}});
    return text_of(seen.at("offer").as_object(), "conversation");
  }
};

}  // namespace

TEST_CASE_FIXTURE(Waiting, "item rule: the oldest of equals") {
  const auto first = wait("email");
  store.now += 1000;
  wait("email");
  store.now += 1000;
  CHECK(gets() == first);
}

TEST_CASE_FIXTURE(Waiting, "item rule: the value of the priority beats some age") {
  wait("email");
  store.now += 10'000;
  const auto urgent = wait("email", {{"priority", "urgent"}});
  store.now += 10'000;  // 20/120 against 4 × 10/120
  CHECK(gets() == urgent);
}

TEST_CASE_FIXTURE(Waiting, "item rule: and enough age beats the priority") {
  const auto old = wait("email");
  store.now += 50'000;
  wait("email", {{"priority", "urgent"}});
  store.now += 10'000;  // 60/120 against 4 × 10/120
  CHECK(gets() == old);
}

TEST_CASE_FIXTURE(Waiting, "item rule: age counts against what was promised") {
  wait("email", {{"promise_s", 14'400}});
  store.now += 60'000;
  const auto pressing = wait("email", {{"promise_s", 120}, {"queue", "billing"}});
  store.now += 1000;
  CHECK(gets() == pressing);
}

TEST_CASE_FIXTURE(Waiting, "item rule: an exponent above one weighs lateness more") {
  auto settings = standard_settings();
  settings["urgency"].as_object()["exponent"] = 2;
  store.call("roster_settings", settings);
  const auto old = wait("email");
  store.now += 30'000;
  wait("email", {{"priority", "urgent"}});
  store.now += 20'000;  // 50² against 4 × 20²; without the exponent it were 50 against 80
  CHECK(gets() == old);
}

TEST_CASE_FIXTURE(Waiting, "item rule: what he may not take is passed over") {
  wait("email", {{"require", {{"hy", 3}}}});
  store.now += 60'000;
  const auto plain = wait("email");
  CHECK(gets() == plain);
}

TEST_CASE_FIXTURE(Waiting, "item rule: he takes what fits until nothing does") {
  for (int i = 0; i < 5; ++i) wait("email");
  gets(300);
  CHECK(offers("ani").size() == 3);
  CHECK(number_of(agent("ani"), "load") == 300);
}

TEST_CASE_FIXTURE(Waiting, "hold: a mail does not starve a more urgent chat that lacks a unit") {
  available({.name = "ani", .capacity = 200});
  const auto mail = text_of(arrive(), "conversation");
  const auto chat = wait("chat");
  store.now += 10'000;
  const auto later = wait("email");
  CHECK(state(later) == "offered");  // nothing held him yet
  store.now += 1000;
  const auto last = wait("email");
  accept("ani", offers("ani").front());
  by_owner("resolve", mail);  // one unit free: the chat is most urgent and lacks one
  CHECK(text_of(agent("ani"), "held") == chat);
  CHECK(state(last) == "waiting");
  accept("ani", offers("ani").front());
  by_owner("resolve", later);
  CHECK(offered_to(chat) == "ani");
  CHECK(text_of(agent("ani"), "held").empty());
}

TEST_CASE_FIXTURE(Waiting, "hold: it ends when he has all of that kind that he may have") {
  available({.name = "ani", .capacity = 200, .kinds = {{"chat", {{"max", 1}}}}});
  const auto mail = text_of(arrive(), "conversation");
  arrive();
  for (const auto& offer : offers("ani")) accept("ani", offer);
  const auto chat = wait("chat");
  store.now += 1000;
  by_owner("resolve", mail);
  CHECK(text_of(agent("ani"), "held") == chat);
  store.call("start", {{"conversation", "c_s"},
                       {"message", "m_s"},
                       {"contact", "p_s"},
                       {"token", "t"},
                       {"agent", "ani"},
                       {"key", "1"},
                       {"channel", "chat"},
                       {"kind", "chat"},
                       {"to", {{"kind", "email"}, {"value", "sara@x"}}},
                       {"class", {{"queue", "service"}, {"priority", "normal"}, {"promise_s", 120}}}});
  CHECK(text_of(agent("ani"), "held").empty());
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Waiting, "hold: one agent a conversation, the next works on") {
  for (const auto* name : {"ani", "bob"}) available({.name = name, .capacity = 200});
  const auto one = text_of(arrive(), "conversation");
  const auto two = text_of(arrive(), "conversation");
  for (const auto* name : {"ani", "bob"}) accept(name, offers(name).front());
  arrive();
  arrive();
  const auto chat = wait("chat");
  store.now += 10'000;
  const auto mail = wait("email");
  by_owner("resolve", one);
  by_owner("resolve", two);
  CHECK(state(chat) == "waiting");
  CHECK(state(mail) == "offered");
}

TEST_CASE_FIXTURE(Waiting, "hold: what comes back to its lane at a greater age is what the next is held for") {
  for (const auto* name : {"ani", "eve"}) {
    available({.name = name, .capacity = 200});
    arrive();
    arrive();
    for (const auto& offer : offers(name)) accept(name, offer);
  }
  available({.name = "dan", .capacity = 200});
  const auto oldest = wait("chat");
  REQUIRE(offered_to(oldest) == "dan");
  store.now += 1000;
  const auto mail = wait("email");
  store.now += 1000;
  const auto chat = wait("chat");
  store.now += 1000;
  const auto work = [this](const char* name) {
    return std::string(agent(name).at("conversations").as_array().at(0).as_string());
  };
  by_owner("resolve", work("ani"));  // he saw the chat behind the mail
  REQUIRE(offered_to(mail) == "ani");
  store.call("presence", {{"agent", "dan"}, {"actor", {{"kind", "agent"}, {"name", "dan"}}}, {"state", "break"}});
  REQUIRE(state(oldest) == "waiting");
  by_owner("resolve", work("eve"));
  CHECK(text_of(agent("eve"), "held") == oldest);
  CHECK(state(chat) == "waiting");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Waiting, "interrupts: an agent at his mail limit may still take a chat") {
  auto settings = standard_settings();
  settings["kinds"].as_object()["chat"].as_object()["interrupts"] = json::array{"email"};
  store.call("roster_settings", settings);
  available({.name = "ani", .capacity = 200});
  arrive();
  arrive();
  CHECK(state(wait("email")) == "waiting");
  CHECK(state(wait("chat")) == "offered");
  const auto why = store.call("read_explain", {{"conversation", wait("chat")}}).at("candidates").at(0).as_object();
  CHECK(text_of(why, "reason") == "room");
  CHECK(text_of(why, "detail") == "carries 2 of 2, and 2 that this kind may interrupt");
}

TEST_CASE_FIXTURE(Waiting, "the most of a kind: no third chat where two are allowed, but a mail") {
  available({.name = "ani", .capacity = 1000, .kinds = {{"chat", {{"max", 2}}}}});
  for (int i = 0; i < 2; ++i) CHECK(state(wait("chat")) == "offered");
  CHECK(state(wait("chat")) == "waiting");
  CHECK(state(wait("email")) == "offered");
}

TEST_CASE_FIXTURE(Waiting, "an agent of great capacity gets all that fits, however much waits") {
  for (int i = 0; i < 120; ++i) arrive();
  available({.name = "ani", .capacity = 30'000});
  store.settle();
  CHECK(offers("ani").size() == 120);
}

TEST_CASE_FIXTURE(Waiting, "who is to be looked at again is, however many deadlines fall due") {
  available({.name = "ani", .capacity = 100});
  taken();
  for (int i = 0; i < 60; ++i) arrive("email", {{"require", {{"fa", 5}}}});
  store.now += 1'000;
  const auto id = text_of(arrive(), "conversation");
  add({.name = "ani", .capacity = 200});
  store.now += 59'000;
  store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
  store.call("timers");
  CHECK(offered_to(id) == "ani");
}

}  // namespace peyk::test
