// Lost records: who is in the roster, the desk's counts, a contact. The audit misses them, and mends what can be.
#include <doctest/doctest.h>

#include "tests/support/damaged.h"
#include "tests/support/stream.h"

namespace peyk::test {
namespace {

bool knows_roster(Store& store) {
  return store.call("roster_check", {{"queues", {"billing", "service"}}, {"agents", {"ani"}}}).contains("config");
}

}  // namespace

TEST_CASE_FIXTURE(Damaged, "audit: an agent whose record is lost is written whole by the next reload") {
  store.call("roster_commit", {{"config", "one"}});
  REQUIRE(knows_roster(store));
  damage({"DEL", "a:ani"});
  finds("roster.lost");
  CHECK_FALSE(knows_roster(store));  // though the configuration is the one it was
  available({.name = "ani", .capacity = 200});
  CHECK(number_of(agent("ani"), "capacity") == 200);
  CHECK(offers("ani").size() == 2);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(StoreFixture, "an agent whose record is lost is written whole, also where no audit saw it") {
  available({.name = "ani", .capacity = 200});
  store.command({"DEL", store.key("a:ani")});
  available({.name = "ani", .capacity = 200});
  CHECK(number_of(agent("ani"), "capacity") == 200);
  CHECK(text_of(arrive(), "state") == "offered");
}

TEST_CASE_FIXTURE(Damaged, "audit: an agent whom the list of agents has lost, and one whom only the roster names") {
  damage({"ZREM", "agents", "ani"});
  finds("roster.lost");
  const auto gone = store.call("roster_check", {{"queues", {"billing", "service"}}});
  CHECK(gone.at("gone_agents") == json::array{"ani"});
  damage({"HSET", "roster", "ghost", "{}"});
  finds("roster.lost");
  damage({"ZREM", "agents", "ani"});
  add({.name = "ani", .capacity = 200});  // an unchanged reload counts him again
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Damaged, "audit: a count of offers or references that is lost goes on above the last") {
  const auto offer = offers("ani").front();
  store.call("roster_commit", {{"config", "one"}});
  damage({"HDEL", "meta", "numbers"});
  finds("count.lost");
  const auto arrived = text_of(arrive(), "conversation");
  for (const auto& id : {waiting, offered, active}) {
    CHECK(text_of(conversation(id), "reference") != text_of(conversation(arrived), "reference"));
  }
  available({.name = "bob", .capacity = 200});
  CHECK(offers("ani") == std::vector<std::string>{offer});
  CHECK(offers("bob").front() != offer);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Damaged, "audit: a count of events that is lost goes on above the last") {
  store.call("roster_commit", {{"config", "one"}});
  damage({"HDEL", "meta", "numbers"});
  finds("count.lost");
  arrive();
  const auto events = read_stream(store);
  const auto number = [](const routing::Event& event) { return std::stoll(std::string(event.get("seq"))); };
  for (std::size_t i = 1; i < events.size(); ++i) CHECK(number(events[i]) == number(events[i - 1]) + 1);
}

TEST_CASE_FIXTURE(Damaged, "audit: decisions that are lost are noted as such, where an offer of it must have ended") {
  store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offers("ani").back()}});
  const auto missed = offered;
  for (const auto& id : {active, missed}) {
    REQUIRE_FALSE(store.call("read_explain", {{"conversation", id}}).at("decisions").as_array().empty());
    damage({"DEL", "dec:" + id});
    finds("decision.lost");
    const auto noted = store.call("read_explain", {{"conversation", id}}).at("decisions").as_array().at(0).as_object();
    CHECK(text_of(noted, "end") == "lost");
  }
  damage({"DEL", "dec:" + waiting});  // nobody was ever offered it
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Damaged, "audit: what an agent began himself was decided by nobody") {
  const json::object to{{"kind", "email"}, {"value", "new@x.example"}};
  const json::object asked{{"conversation", "c_begun"},
                           {"message", "m_begun"},
                           {"contact", "p_begun"},
                           {"token", "t"},
                           {"agent", "ani"},
                           {"actor", actor("ani")},
                           {"key", "k"},
                           {"name", "Ani"},
                           {"channel", "support-mail"},
                           {"kind", "email"},
                           {"to", to},
                           {"class", {{"queue", "service"}, {"priority", "normal"}, {"promise_s", 60}}}};
  store.call("start", asked);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Damaged, "audit: an id that answers to its mails name, and that leads nowhere or to what is gone") {
  const json::object who{{"kind", "email"}, {"value", "one@x.example"}};
  const auto first = text_of(arrive("email", {}, {{"external_id", "<1@x>"}, {"sender", who}}), "conversation");
  const auto answer = [&] {
    return text_of(arrive("email", {}, {{"references", {"<1@x>"}}, {"sender", who}}), "conversation");
  };
  REQUIRE(answer() == first);
  for (const bool gone : {true, false}) {
    CAPTURE(gone);
    if (gone) {
      damage({"DEL", "ext:0"});
    } else {
      store.eval(
          "for _, field in ipairs(redis.call('HKEYS', ARGV[1])) do redis.call('HSET', ARGV[1], field, 'c_no') end",
          {store.key("ext:0")});
    }
    finds("external.lost");
    CHECK(answer() == first);
  }
  // Two mails of one id: it leads to the later one, and both are right.
  arrive("email", {}, {{"external_id", "<1@x>"}, {"sender", {{"kind", "email"}, {"value", "two@x.example"}}}});
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Damaged, "audit: who is free in a ring is looked at when it was lost that there are rings") {
  const json::array rings{json::object{{"queue", "billing"}, {"after", 0}}};
  const auto lent = text_of(arrive("email", {{"require", {{"hy", 1}}}, {"rings", rings}}), "conversation");
  damage({"HDEL", "meta", "rings"});
  available({.name = "bob", .queues = {"billing"}, .skills = {{"hy", 1}}});
  REQUIRE(state(lent) == "waiting");
  finds("rings.lost");
  CHECK(offered_to(lent) == "bob");
}

TEST_CASE_FIXTURE(StoreFixture, "audit: a contact whose record is lost is who wrote, with the conversations he has") {
  const json::object who{{"kind", "email"}, {"value", "one@x.example"}, {"verified", true}};
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    store.now += 1000;
    ids.push_back(text_of(arrive("email", {}, {{"sender", who}}), "conversation"));
  }
  const auto contact = text_of(conversation(ids[0]), "contact");
  REQUIRE(text_of(conversation(ids[2]), "contact") == contact);
  store.command({"DEL", store.key("p:" + contact)});
  const auto findings = audit(true);
  REQUIRE(findings.size() == 1);
  CHECK(text_of(findings.at(0).as_object(), "code") == "contact.lost");
  CHECK(audit().empty());
  const auto mended = store.call("read_contact", {{"contact", contact}}).at("contact").as_object();
  CHECK(mended.at("identities").as_array().at(0) == json::value(who));
  CHECK(mended.at("conversations") == json::array(ids.begin(), ids.end()));
  CHECK(number_of(mended, "count") == 3);
  const auto again = text_of(arrive("email", {}, {{"sender", who}}), "conversation");
  CHECK(text_of(conversation(again), "contact") == contact);
}

}  // namespace peyk::test
