// Offers: how they end, and what that does to agent and conversation.
#include <doctest/doctest.h>

#include "tests/support/store.h"
#include "tests/support/stream.h"

namespace peyk::test {
namespace {

struct Offers : StoreFixture {
  std::string arrives(json::object asks = {}) { return text_of(arrive("email", std::move(asks)), "conversation"); }
  void decline(std::string_view agent) {
    store.call("decline", {{"agent", agent}, {"actor", actor(agent)}, {"offer", offers(agent).front()}});
  }
  void queue_rules(std::string_view name, std::int64_t value, bool of_offer = true) {
    auto queue = standard_queue("service");
    (of_offer ? queue["offer"].as_object() : queue)[name] = value;
    store.call("roster_queue", queue);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Offers, "an accepted conversation belongs to the agent, with a next step and its weight") {
  available({.name = "ani"});
  const auto id = arrives();
  const auto offer = offers("ani").front();
  accept("ani", offer);
  const auto c = conversation(id);
  CHECK(text_of(c, "state") == "active");
  CHECK(text_of(c, "agent") == "ani");
  CHECK(text_of(c, "next_actor") == "agent");
  CHECK(number_of(c, "next_at") == store.now + 120'000);
  CHECK(number_of(agent("ani"), "load") == 100);
  const auto again = store.refusal("accept", {{"agent", "ani"}, {"offer", offer}});
  CHECK(text_of(again, "error") == "conflict");
  CHECK(text_of(again, "why") == "accepted");
  CHECK(text_of(store.refusal("accept", {{"agent", "bob"}, {"offer", offer}}), "error") == "not_found");
}

TEST_CASE_FIXTURE(Offers, "a named caller's reply shows the offers that it made as a read shows them") {
  available({.name = "ani"});
  const json::object sara{{"sender", {{"kind", "email"}, {"value", "sara@x.example"}}}, {"name", "Sara"}};
  CHECK_FALSE(arrive("email", {}, sara).contains("shown"));
  store.caller = "us";
  const auto reply = arrive("email", {{"require", {{"hy", 0}}}}, sara);
  REQUIRE(reply.contains("shown"));
  const auto& shown = reply.at("shown").as_array();
  REQUIRE(shown.size() == 1);
  const auto offer = text_of(reply.at("made").as_array().at(0).as_object(), "offer");
  CHECK(shown[0] == json::value(store.call("read_offer", {{"offer", offer}})));
  CHECK(number_of(shown[0].as_object(), "history_count") == 1);
  CHECK(read_stream(store).back().get("via") == "us");
}

TEST_CASE_FIXTURE(Offers, "what is over before the call ends is not shown") {
  available({.name = "ani"});
  available({.name = "bob"});
  arrives();
  store.caller = "us";
  const auto reply =
      store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offers("ani").front()}});
  REQUIRE(reply.contains("shown"));
  const auto& offer = reply.at("shown").as_array().at(0).as_object().at("offer").as_object();
  CHECK(text_of(offer, "agent") == "bob");
  CHECK(text_of(offer, "state") == "live");
}

TEST_CASE_FIXTURE(Offers, "a declined offer goes to the next best, and not back to him who declined") {
  available({.name = "ani"});
  available({.name = "bob", .skills = {{"hy", 1}}});
  const auto id = arrives();
  decline("ani");
  CHECK(offered_to(id) == "bob");
  decline("bob");
  CHECK(state(id) == "waiting");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Offers, "a sole agent gets it again after a cool-down that doubles with each miss") {
  queue_rules("misses_before_away", 0);
  available({.name = "ani"});
  const auto id = arrives();
  for (const std::int64_t cooldown : {60'000, 120'000, 240'000}) {
    store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
    decline("ani");
    for (std::int64_t passed = 0; passed < cooldown - 10'000; passed += 10'000) {
      store.pass(10'000);
      store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
      CHECK(state(id) == "waiting");
    }
    store.pass(10'000);
    CHECK(offered_to(id) == "ani");
  }
}

TEST_CASE_FIXTURE(Offers, "one declined case does not hide what is behind it") {
  available({.name = "ani", .capacity = 100});
  const auto first = arrives();
  const auto second = arrives();
  decline("ani");
  CHECK(state(first) == "waiting");
  CHECK(offered_to(second) == "ani");
}

TEST_CASE_FIXTURE(Offers, "an offer ends at its deadline, whoever made it") {
  available({.name = "ani"});
  available({.name = "bob", .skills = {{"hy", 1}}});
  const auto id = arrives();
  const auto offer = offers("ani").front();
  store.pass(29'999);
  CHECK(offered_to(id) == "ani");
  for (const auto* name : {"ani", "bob"}) store.call("renew", {{"agent", name}, {"socket", "1"}});
  store.pass(1);
  CHECK(offered_to(id) == "bob");
  CHECK(text_of(store.refusal("accept", {{"agent", "ani"}, {"offer", offer}}), "why") == "expired");
}

TEST_CASE_FIXTURE(Offers, "after so many misses in a row he is away, and is told why") {
  available({.name = "ani"});
  for (int i = 0; i < 2; ++i) {
    arrives();
    decline("ani");
  }
  const auto taken_between = arrives();
  accept("ani", offers("ani").front());  // the row is broken
  for (int i = 0; i < 2; ++i) {
    arrives();
    decline("ani");
  }
  CHECK(text_of(agent("ani"), "state") == "available");
  arrives();
  decline("ani");
  CHECK(text_of(agent("ani"), "state") == "away");
  CHECK(text_of(agent("ani"), "reason") == "missed 3 offers");
  CHECK(state(taken_between) == "active");
}

TEST_CASE_FIXTURE(Offers, "with parallel offers the first to accept has it, and the others learn that it is taken") {
  queue_rules("parallel", 2);
  for (const auto* name : {"ani", "bob", "cem"}) available({.name = name});
  const auto id = arrives();
  const auto of_ani = offers("ani").front();
  const auto of_bob = offers("bob").front();
  CHECK(offers("cem").empty());
  accept("bob", of_bob);
  CHECK(text_of(conversation(id), "agent") == "bob");
  CHECK(text_of(store.refusal("accept", {{"agent", "ani"}, {"offer", of_ani}}), "why") == "taken");
  CHECK(number_of(agent("ani"), "load") == 0);
}

TEST_CASE_FIXTURE(Offers, "of parallel offers, one declined leaves the others; the last one brings it back") {
  queue_rules("parallel", 2);
  for (const auto* name : {"ani", "bob"}) available({.name = name});
  const auto id = arrives();
  decline("ani");
  CHECK(state(id) == "offered");
  decline("bob");
  CHECK(state(id) == "waiting");
}

TEST_CASE_FIXTURE(Offers, "a parallel offer that is declined or taken back goes to the next best") {
  queue_rules("parallel", 2);
  for (const auto* name : {"ani", "bob", "cem", "dan", "eva"}) available({.name = name});
  arrives();
  decline("ani");
  CHECK(offers("bob").size() == 1);
  CHECK(offers("cem").size() == 1);
  store.call("presence", {{"agent", "bob"}, {"actor", actor("bob")}, {"state", "away"}});
  CHECK(offers("cem").size() == 1);
  CHECK(offers("dan").size() == 1);
  store.now += 10'000;
  decline("cem");
  CHECK(offers("eva").size() == 1);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Offers, "who comes free later is asked too, while fewer have the offer than may have it") {
  queue_rules("parallel", 2);
  available({.name = "ani"});
  const auto id = arrives();
  available({.name = "bob"});
  CHECK(offers("bob").size() == 1);
  available({.name = "cem"});
  CHECK(offers("cem").empty());
  decline("ani");
  CHECK(offers("cem").size() == 1);
  decline("cem");
  CHECK(audit().empty());
  available({.name = "dan", .capacity = 200});
  CHECK(offers("dan").size() == 1);
  CHECK(audit().empty());
  accept("dan", offers("dan").front());
  CHECK(state(id) == "active");
  available({.name = "eva"});
  CHECK(offers("eva").empty());
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Offers, "what nobody was offered comes before what could have another offer") {
  queue_rules("parallel", 2);
  available({.name = "ani", .capacity = 100});
  const auto first = arrives();
  const auto second = arrives({{"priority", "low"}});
  REQUIRE(offered_to(first) == "ani");
  REQUIRE(state(second) == "waiting");
  store.now += 1'000;
  available({.name = "bob", .capacity = 100});
  CHECK(offered_to(second) == "bob");
  available({.name = "cem", .capacity = 200});
  CHECK(offers("cem").size() == 2);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Offers, "a cool-down's end brings another offer beside the one that lives") {
  auto queue = standard_queue("service");
  queue["offer"].as_object()["parallel"] = 2;
  queue["offer"].as_object()["cooldown"] = 5'000;
  store.call("roster_queue", queue);
  for (const auto* name : {"ani", "bob"}) available({.name = name});
  arrives();
  decline("ani");
  CHECK(offers("ani").empty());
  store.pass(5'000);
  CHECK(offers("ani").size() == 1);
  CHECK(offers("bob").size() == 1);
}

TEST_CASE_FIXTURE(Offers, "what was handed to one agent is offered to nobody besides") {
  queue_rules("parallel", 2);
  for (const auto* name : {"ani", "bob"}) available({.name = name});
  const auto id = taken();
  const auto owner = text_of(conversation(id), "agent");
  const std::string other = owner == "ani" ? "bob" : "ani";
  by_owner("transfer", id, {{"to", other}, {"timeout", 30'000}});
  REQUIRE(offered_to(id) == other);
  available({.name = "cem"});
  CHECK(offers("cem").empty());
}

TEST_CASE_FIXTURE(Offers, "who is no longer available loses his offers at once") {
  available({.name = "ani"});
  available({.name = "bob", .skills = {{"hy", 1}}});
  const auto id = arrives();
  store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "break"}, {"reason", "lunch"}});
  CHECK(offered_to(id) == "bob");
  CHECK(text_of(agent("ani"), "reason") == "lunch");
}

TEST_CASE_FIXTURE(Offers, "wrap-up keeps its weight for its time") {
  queue_rules("wrap_up", 20'000, false);
  available({.name = "ani", .capacity = 100});
  const auto first = taken();
  const auto second = arrives();
  by_owner("resolve", first);
  CHECK(number_of(agent("ani"), "load") == 100);
  CHECK(state(second) == "waiting");
  store.pass(19'000);
  CHECK(state(second) == "waiting");
  store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
  store.pass(1'000);
  CHECK(offered_to(second) == "ani");
}

TEST_CASE_FIXTURE(Offers, "a withdrawn offer is matched afresh") {
  available({.name = "ani"});
  const auto id = arrives();
  const auto offer = offers("ani").front();
  CHECK(number_of(store.call("withdraw", {{"conversation", id}, {"actor", actor("mehri")}}), "withdrawn") == 1);
  CHECK(text_of(store.refusal("accept", {{"agent", "ani"}, {"offer", offer}}), "why") == "withdrawn");
  CHECK(offered_to(id) == "ani");
}

TEST_CASE_FIXTURE(Offers, "a transfer's note is there if the transfer is, and once") {
  available({.name = "ani"});
  const auto id = taken();
  const auto notes = [&] {
    int count = 0;
    for (const auto& message : store.call("read_messages", {{"conversation", id}}).at("messages").as_array()) {
      if (text_of(message.as_object(), "direction") == "note") ++count;
    }
    return count;
  };
  const json::object to_billing{{"queue", "billing"}, {"priority", "normal"}, {"promise_s", 120}};
  json::object call{{"conversation", id},  {"agent", "bob"}, {"actor", actor("bob")},
                    {"message", "m_note"}, {"name", "Bob"},  {"class", to_billing}};
  CHECK(text_of(store.refusal("transfer", call), "error") == "conflict");
  CHECK(notes() == 0);
  call["agent"] = "ani";
  store.call("transfer", call);
  CHECK(text_of(store.refusal("transfer", call), "error") == "conflict");  // its answer was lost, and it is asked again
  CHECK(notes() == 1);
}

TEST_CASE_FIXTURE(Offers, "a transfer leaves the first agent as follower, and does not come straight back") {
  available({.name = "ani"});
  available({.name = "bob", .queues = {"billing", "service"}, .skills = {{"hy", 1}}});
  const auto id = taken();
  REQUIRE(text_of(conversation(id), "agent") == "ani");
  by_owner("transfer", id, {{"class", {{"queue", "service"}, {"priority", "normal"}, {"promise_s", 120}}}});
  CHECK(offered_to(id) == "bob");
  accept("bob", offers("bob").front());
  const auto done = by_owner("resolve", id, {{"outcome", "solved"}});
  CHECK(done.at("followers").as_array().at(0).as_string() == "ani");
}

TEST_CASE_FIXTURE(Offers, "handed to one agent it waits in his lane, and goes to the queue after the time-out") {
  available({.name = "ani"});
  add({.name = "bob"});
  const auto id = taken();
  by_owner("transfer", id, {{"to", "bob"}, {"timeout", 30'000}});
  CHECK(state(id) == "waiting");
  available("bob");
  CHECK(offered_to(id) == "bob");
  accept("bob", offers("bob").front());
  store.call("presence", {{"agent", "ani"}, {"actor", actor("ani")}, {"state", "away"}});
  by_owner("transfer", id, {{"to", "ani"}, {"timeout", 10'000}});
  store.pass(10'000);
  CHECK(state(id) == "waiting");
  store.pass(1'000);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Offers, "its age is kept over a decline, a transfer and the crash of its agent's daemon") {
  for (const auto* name : {"ani", "bob"}) available({.name = name, .queues = {"service", "billing"}});
  const auto came = store.now;
  const auto id = arrives();
  const auto age_kept = [&] { return number_of(conversation(id), "age_at") == came; };
  store.now += 5'000;
  decline(offered_to(id));
  CHECK(age_kept());
  store.now += 5'000;
  const auto owner = offered_to(id);
  accept(owner, offers(owner).front());
  by_owner("transfer", id, {{"class", {{"queue", "billing"}, {"priority", "normal"}, {"promise_s", 120}}}});
  CHECK(text_of(conversation(id), "queue") == "billing");
  CHECK(age_kept());
  store.now += 1'000;
  if (!offered_to(id).empty()) decline(offered_to(id));
  store.pass(200'000);  // nobody renews: leases run out, all is given back
  CHECK(state(id) == "waiting");
  CHECK(age_kept());
  CHECK(number_of(conversation(id), "unanswered_since") == came);
}

}  // namespace peyk::test
