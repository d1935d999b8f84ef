// What a customer wrote before his agent saw it is never put aside with the rest.
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Unseen : StoreFixture {
  Unseen() {
    available({.name = "ani"});
    id = taken();
  }
  /// The customer writes again; the id of his message.
  std::string writes() {
    const auto sender = conversation(id).at("long").as_object().at("participants").as_array().at(0);
    return text_of(arrive("email", {}, {{"sender", sender}, {"hint", id}}), "message");
  }
  std::string last() {
    const auto messages = store.call("read_messages", {{"conversation", id}}).at("messages").as_array();
    return text_of(messages.back().as_object(), "id");
  }
  std::string refused(std::string_view script, json::object more) {
    more["conversation"] = id;
    more["agent"] = "ani";
    return text_of(store.refusal(script, more), "why");
  }
  void answer(std::string_view message) {
    by_owner("reply", id, {{"key", message}, {"message", message}, {"channel", "email"}});
  }
  std::string id;
};

}  // namespace

TEST_CASE_FIXTURE(Unseen, "nothing is put aside over a message that its agent has not seen") {
  const auto seen = last();
  const auto unread = writes();
  const auto before = conversation(id);
  const auto later = store.now + 60'000;
  CHECK(refused("resolve", {{"seen", seen}}) == "unseen");
  CHECK(refused("pending", {{"seen", seen}}) == "unseen");
  CHECK(refused("snooze", {{"seen", seen}, {"until", later}}) == "unseen");
  CHECK(refused("resolve", {{"seen", "none"}}) == "unseen");
  CHECK(conversation(id) == before);
  by_owner("snooze", id, {{"seen", unread}, {"until", later}});
  by_owner("pending", id, {{"seen", unread}});
  by_owner("resolve", id, {{"seen", unread}});
  CHECK(state(id) == "resolved");
}

TEST_CASE_FIXTURE(Unseen, "what the desk itself wrote since need not have been seen") {
  const auto seen = last();
  answer("m_reply");
  store.call("note", {{"conversation", id}, {"agent", "ani"}, {"message", "m_note"}});
  by_owner("resolve", id, {{"seen", seen}});
  CHECK(state(id) == "resolved");
}

TEST_CASE_FIXTURE(Unseen, "who does not say what he has seen is not asked") {
  writes();
  by_owner("resolve", id);
  CHECK(state(id) == "resolved");
}

TEST_CASE_FIXTURE(Unseen, "resolved twice is resolved, with one event, one note and one wrap-up") {
  const auto seen = last();
  const json::object words{{"seen", seen}, {"outcome", "spam"}, {"message", "m_note"}};
  by_owner("resolve", id, words);
  const auto before = conversation(id);
  store.now += 1000;
  by_owner("resolve", id, words);
  by_owner("resolve", id, {{"seen", seen}});
  CHECK(conversation(id) == before);
  CHECK(last() == "m_note");
  CHECK(refused("resolve", {{"outcome", "solved"}}) == "state");
}

// The agent was told "unavailable", but it was done; the customer, told that it was over, wrote again.
TEST_CASE_FIXTURE(Unseen, "a resolve that is said again does not bury what reopened the conversation") {
  const auto seen = last();
  answer("m_reply");
  by_owner("resolve", id, {{"seen", seen}});
  writes();
  REQUIRE(offered_to(id) == "ani");
  accept("ani", offers("ani").front());
  CHECK(refused("resolve", {{"seen", seen}}) == "unseen");
  CHECK(state(id) == "active");
  CHECK(conversation(id).contains("unanswered_since"));
  CHECK(audit().empty());
}

}  // namespace peyk::test
