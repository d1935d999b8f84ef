// What a customer's message becomes: stored once, in the right conversation, never a stranger's.
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

json::object from(std::string_view address, json::object more = {}) {
  more["sender"] = json::object{{"kind", "email"}, {"value", address}, {"verified", false}};
  return more;
}

struct Intake : StoreFixture {
  json::object mail(json::object with) { return arrive("email", {}, std::move(with)); }
  std::size_t messages(std::string_view id) {
    return store.call("read_messages", {{"conversation", id}}).at("messages").as_array().size();
  }
  json::object details(std::string_view id) { return conversation(id).at("long").as_object(); }
};

}  // namespace

TEST_CASE_FIXTURE(Intake, "the same delivery twice is stored once, with the first answer again") {
  const auto first = mail(from("sara@x", {{"delivery_key", "k"}, {"digest", "abc"}}));
  const auto again = mail(from("sara@x", {{"delivery_key", "k"}, {"digest", "abc"}}));
  CHECK(again.at("duplicate").as_bool());
  for (const auto* member : {"conversation", "message", "reference", "status_token"}) {
    CHECK(text_of(again, member) == text_of(first, member));
  }
  CHECK(messages(text_of(first, "conversation")) == 1);
}

TEST_CASE_FIXTURE(Intake, "the same key for another body is a conflict, and nothing is stored") {
  mail(from("sara@x", {{"delivery_key", "k"}, {"digest", "abc"}}));
  CHECK_THROWS_WITH_AS(mail(from("sara@x", {{"delivery_key", "k"}, {"digest", "other"}})),
                       doctest::Contains("conflict"), std::runtime_error);
}

TEST_CASE_FIXTURE(Intake, "arguments that are wrong store nothing and name the member") {
  for (const auto* broken : {R"({"sender":{"kind":"email"}})", R"({"kind":"fax"})"}) {
    CHECK_THROWS_WITH_AS(mail(json::parse(broken).as_object()), doctest::Contains("invalid"), std::runtime_error);
  }
  CHECK(store.command({"KEYS", store.key("c:*")}).items.empty());
}

TEST_CASE_FIXTURE(
    Intake,
    "a queue that the roster does not have may come yet: nothing is stored, and it is not the customer's fault") {
  CHECK_THROWS_WITH_AS(arrive("email", {{"queue", "nowhere"}}), doctest::Contains("roster"), std::runtime_error);
  CHECK(store.command({"KEYS", store.key("c:*")}).items.empty());
}

TEST_CASE_FIXTURE(Intake, "an answer to a message of one's own conversation joins it") {
  const auto first = text_of(mail(from("sara@x", {{"external_id", "<1@x>"}})), "conversation");
  const auto second = mail(from("sara@x", {{"references", json::array{"<unknown@x>", "<1@x>"}}}));
  CHECK(text_of(second, "conversation") == first);
  CHECK(messages(first) == 2);
}

TEST_CASE_FIXTURE(Intake, "a stranger who names a message gets a conversation of his own that claims to answer") {
  const auto first = text_of(mail(from("sara@x", {{"external_id", "<1@x>"}})), "conversation");
  const auto second = text_of(mail(from("mallory@x", {{"references", json::array{"<1@x>"}}})), "conversation");
  CHECK(second != first);
  CHECK(text_of(details(second), "claims") == first);
  CHECK(messages(first) == 1);
}

TEST_CASE_FIXTURE(Intake, "the last messages of a long conversation are read without those before them") {
  const auto id = text_of(mail(from("sara@x")), "conversation");
  for (int i = 0; i < 5; ++i) mail(from("sara@x", {{"hint", id}}));
  const auto seqs = [&](int limit) {
    std::vector<std::int64_t> found;
    const json::object call{{"conversation", id}, {"last", true}, {"limit", limit}};
    for (const auto& message : store.call("read_messages", call).at("messages").as_array()) {
      found.push_back(number_of(message.as_object(), "seq"));
    }
    return found;
  };
  CHECK(seqs(2) == std::vector<std::int64_t>{5, 6});
  CHECK(seqs(6).size() == 6);
  CHECK(seqs(100).front() == 1);
}

TEST_CASE_FIXTURE(Intake, "empty ids never match") {
  const auto first = text_of(mail(from("sara@x", {{"external_id", ""}})), "conversation");
  CHECK(text_of(mail(from("sara@x", {{"references", json::array{""}}})), "conversation") != first);
}

TEST_CASE_FIXTURE(Intake, "a secret from a new sender joins as unverified, and he is not written to") {
  const auto first = text_of(mail(from("sara@x")), "conversation");
  const auto joined = mail(from("friend@x", {{"hint", first}}));
  CHECK(text_of(joined, "conversation") == first);
  CHECK(joined.at("unverified").as_bool());
  const auto last = store.call("read_messages", {{"conversation", first}, {"after", 1}}).at("messages").as_array();
  CHECK_FALSE(last.at(0).as_object().at("author").as_object().at("verified").as_bool());
  available({.name = "ani"});
  accept("ani", offers("ani").front());
  by_owner("reply", first, {{"key", "1"}, {"message", "m_r"}, {"channel", "email"}});
  const auto out = store.call("outbox_claim", {{"limit", 5}, {"lease", 1000}}).at("entries").as_array();
  const auto& to = out.at(0).as_object().at("to").as_array();
  REQUIRE(to.size() == 1);
  CHECK(text_of(to.at(0).as_object(), "value") == "sara@x");
}

TEST_CASE_FIXTURE(Intake, "who joined by a secret that was passed on stays a stranger in every mail") {
  const auto first = text_of(mail(from("sara@x", {{"external_id", "<1@x>"}})), "conversation");
  mail(from("friend@x", {{"hint", first}}));
  const auto again = mail(from("friend@x", {{"hint", first}}));
  CHECK(again.at("unverified").as_bool());
  const auto last = store.call("read_messages", {{"conversation", first}, {"after", 2}}).at("messages").as_array();
  CHECK_FALSE(last.at(0).as_object().at("author").as_object().at("verified").as_bool());
  CHECK(details(first).at("participants").as_array().size() == 2);
  // Ids alone, without the secret: a conversation of his own.
  const auto own = mail(from("friend@x", {{"references", json::array{"<1@x>"}}}));
  CHECK(text_of(own, "conversation") != first);
  CHECK(text_of(details(text_of(own, "conversation")), "claims") == first);
  const json::object stranger{{"kind", "email"}, {"value", "friend@x"}};
  CHECK(text_of(store.refusal("end", {{"conversation", first}, {"sender", stranger}}), "error") == "not_found");
}

TEST_CASE_FIXTURE(Intake, "a visitor's next message continues his chat") {
  const json::object visitor{{"sender", {{"kind", "visitor"}, {"value", "v1"}, {"verified", true}}}};
  const auto first = text_of(arrive("chat", {}, visitor), "conversation");
  CHECK(text_of(arrive("chat", {}, visitor), "conversation") == first);
  const auto found = store.call("read_conversation_of", {{"identity", visitor.at("sender")}, {"channel", "chat"}});
  CHECK(text_of(found.at("conversation").as_object(), "id") == first);
}

TEST_CASE_FIXTURE(Intake, "what a visitor merely claims leads nobody to him") {
  const json::object visitor{{"sender", {{"kind", "visitor"}, {"value", "v1"}, {"verified", true}}},
                             {"also", json::array{json::object{{"kind", "email"}, {"value", "sara@x"}}}}};
  const auto chat = conversation(text_of(arrive("chat", {}, visitor), "conversation"));
  const auto letter = conversation(text_of(mail(from("sara@x")), "conversation"));
  CHECK(text_of(chat, "contact") != text_of(letter, "contact"));
}

TEST_CASE_FIXTURE(Intake, "a message reopens what was resolved, with its last agent if he is free") {
  available({.name = "ani"});
  available({.name = "bob", .capacity = 2000});
  const auto id = text_of(mail(from("sara@x")), "conversation");
  const auto first = offered_to(id);
  accept(first, offers(first).front());
  by_owner("resolve", id);
  store.now += 3'600'000;
  for (const auto* name : {"ani", "bob"}) available(name);
  const auto again = mail(from("sara@x", {{"hint", id}}));
  CHECK(again.at("reopened").as_bool());
  CHECK(offered_to(id) == first);
  CHECK(number_of(conversation(id), "unanswered_since") == store.now);
}

TEST_CASE_FIXTURE(Intake, "after reopen_within it is closed, and the message opens a new one that names it") {
  available({.name = "ani"});
  const auto id = text_of(mail(from("sara@x")), "conversation");
  accept("ani", offers("ani").front());
  by_owner("resolve", id);
  store.now += 604'800'001;  // time itself has not come round to it yet
  const auto next = mail(from("sara@x", {{"hint", id}}));
  CHECK(next.at("created").as_bool());
  CHECK(next.at("related").as_array().at(0).as_string() == id);
  CHECK(state(id) == "closed");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Intake, "a chat that time has closed: its visitor's next word opens a new one that names it") {
  const json::object visitor{{"sender", {{"kind", "visitor"}, {"value", "v1"}, {"verified", true}}}};
  const auto id = text_of(arrive("chat", {}, visitor), "conversation");
  store.call("end", {{"conversation", id}, {"sender", {{"kind", "visitor"}, {"value", "v1"}}}});
  store.pass(604'800'001);
  REQUIRE(state(id) == "closed");
  const auto next = arrive("chat", {}, visitor);
  CHECK(next.at("created").as_bool());
  CHECK(next.at("related").as_array().at(0).as_string() == id);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(
    Intake, "an agent who writes first to a chat's visitor writes to his mail address, or is told there is none") {
  available({.name = "ani"});
  json::object visitor{{"sender", {{"kind", "visitor"}, {"value", "v1"}, {"verified", true}}}};
  const auto nameless = text_of(conversation(text_of(arrive("chat", {}, visitor), "conversation")), "contact");
  visitor["sender"].as_object()["value"] = "v2";
  visitor["also"] = json::array{json::object{{"kind", "email"}, {"value", "claimed@x"}},
                                json::object{{"kind", "email"}, {"value", "proven@x"}, {"verified", true}}};
  const auto known = text_of(conversation(text_of(arrive("chat", {}, visitor), "conversation")), "contact");
  json::object words{{"conversation", "c_s"}, {"message", "m_s"},      {"contact", "p_s"}, {"token", "t"},
                     {"agent", "ani"},        {"actor", actor("ani")}, {"key", "k"},       {"channel", "email"},
                     {"kind", "email"},       {"to_contact", nameless}};
  words["class"] = {{"queue", "service"}, {"priority", "normal"}, {"promise_s", 120}};
  CHECK(text_of(store.refusal("start", words), "error") == "invalid");
  words["to_contact"] = known;
  store.call("start", words);
  const auto part = details("c_s").at("participants").as_array().at(0).as_object();
  CHECK(text_of(part, "value") == "proven@x");
}

TEST_CASE_FIXTURE(Intake, "an answering machine joins and wakes nobody") {
  available({.name = "ani"});
  const auto id = text_of(mail(from("sara@x")), "conversation");
  accept("ani", offers("ani").front());
  by_owner("resolve", id);
  mail(from("sara@x", {{"hint", id}, {"automatic", true}}));
  CHECK(state(id) == "resolved");
  CHECK(messages(id) == 2);
}

TEST_CASE_FIXTURE(Intake, "the oldest unanswered message gives the age; an answer clears it") {
  available({.name = "ani"});
  const auto id = text_of(mail(from("sara@x")), "conversation");
  const auto came = store.now;
  store.now += 5000;
  mail(from("sara@x", {{"hint", id}}));
  CHECK(number_of(conversation(id), "unanswered_since") == came);
  accept("ani", offers("ani").front());
  by_owner("reply", id, {{"key", "1"}, {"message", "m_r"}, {"channel", "email"}});
  const auto c = conversation(id);
  CHECK_FALSE(c.contains("unanswered_since"));
  CHECK(number_of(c, "first_replied_at") == store.now);
  CHECK(text_of(c, "next_actor") == "customer");
}

TEST_CASE_FIXTURE(Intake, "only who takes part may end or rate") {
  const auto id = text_of(mail(from("sara@x")), "conversation");
  const json::object stranger{{"kind", "email"}, {"value", "mallory@x"}};
  const json::object sara{{"kind", "email"}, {"value", "sara@x"}};
  CHECK(text_of(store.refusal("end", {{"conversation", id}, {"sender", stranger}}), "error") == "not_found");
  store.call("end", {{"conversation", id}, {"sender", sara}});
  CHECK(state(id) == "resolved");
  store.call("rate", {{"conversation", id}, {"sender", sara}, {"score", 5}});
  CHECK(number_of(details(id).at("rating").as_object(), "score") == 5);
  CHECK(text_of(store.refusal("rate", {{"conversation", id}, {"sender", sara}, {"score", 6}}), "error") == "invalid");
}

TEST_CASE_FIXTURE(Intake, "a call after its deadline, or under another configuration, does nothing") {
  store.call("roster_commit", {{"config", "new"}});
  const json::object nothing{{"agent", "ani"}, {"socket", "1"}};
  CHECK(text_of(store.raw("renew", nothing, "", std::to_string(store.now - 1)), "error") == "late");
  CHECK(text_of(store.raw("renew", nothing, "", "", "old"), "error") == "stale");
  CHECK(text_of(store.raw("renew", nothing, "", "", "new"), "error") == "not_found");
}

TEST_CASE_FIXTURE(Intake,
                  "answers go where the mail that opened it asks for them, and no later mail turns them aside") {
  const json::object sara{{"kind", "email"}, {"value", "sara@home"}, {"verified", false}};
  const json::object mallory{{"kind", "email"}, {"value", "mallory@x"}, {"verified", false}};
  const auto id = text_of(mail(from("sara@x", {{"reply_to", sara}})), "conversation");
  mail(from("sara@x", {{"hint", id}, {"reply_to", mallory}}));
  available({.name = "ani"});
  accept("ani", offers("ani").front());
  by_owner("reply", id, {{"key", "1"}, {"message", "m_r"}, {"channel", "email"}});
  const auto out = store.call("outbox_claim", {{"limit", 5}, {"lease", 1000}}).at("entries").as_array();
  const auto& to = out.at(0).as_object().at("to").as_array();
  REQUIRE(to.size() == 2);
  CHECK(text_of(to.at(0).as_object(), "value") == "sara@home");
  CHECK(text_of(to.at(1).as_object(), "value") == "sara@x");
  // Who answers from there takes part.
  CHECK_FALSE(mail(from("sara@home", {{"hint", id}})).contains("unverified"));
}

}  // namespace peyk::test
