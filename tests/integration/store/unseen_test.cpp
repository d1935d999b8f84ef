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
  std::string writes(json::object asks = {}, json::object more = {}) {
    more["sender"] = conversation(id).at("long").as_object().at("participants").as_array().at(0);
    more["hint"] = id;
    return text_of(arrive("email", std::move(asks), std::move(more)), "message");
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
  void answer(std::string_view message, std::string_view seen = {}) {
    json::object call{{"key", message}, {"message", message}, {"channel", "email"}};
    if (!seen.empty()) call["seen"] = seen;
    by_owner("reply", id, std::move(call));
  }
  std::int64_t unanswered_since() { return number_of(conversation(id), "unanswered_since"); }
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

TEST_CASE_FIXTURE(Unseen, "a reply answers what its agent has seen; what crossed it waits for its own answer") {
  const auto seen = last();
  store.now += 1000;
  const auto crossed = store.now;
  const auto due = store.now + 90'000;
  writes({{"first_reply_by", due}});
  store.now += 1000;
  const auto newest = writes({{"first_reply_by", store.now + 90'000}});
  store.now += 1000;
  answer("m_reply", seen);
  CHECK(last() == "m_reply");
  CHECK(unanswered_since() == crossed);
  CHECK(text_of(conversation(id), "next_actor") == "agent");
  CHECK(number_of(conversation(id), "next_at") == due);
  CHECK(audit().empty());
  answer("m_second", newest);
  CHECK_FALSE(conversation(id).contains("unanswered_since"));
  CHECK(text_of(conversation(id), "next_actor") == "customer");
}

TEST_CASE_FIXTURE(Unseen, "a reply by one who has seen nothing answers nothing") {
  const auto since = unanswered_since();
  const auto due = conversation(id).at("next_at");
  store.now += 1000;
  writes();
  answer("m_reply", "none");
  CHECK(unanswered_since() == since);
  CHECK(conversation(id).at("next_at") == due);
  answer("m_second");  // by one who does not say
  CHECK_FALSE(conversation(id).contains("unanswered_since"));
}

TEST_CASE_FIXTURE(Unseen, "what asks for no answer is not unanswered because it crossed a reply") {
  const auto seen = last();
  store.now += 1000;
  writes({}, {{"automatic", true}});
  answer("m_reply", seen);
  CHECK_FALSE(conversation(id).contains("unanswered_since"));
  writes({}, {{"automatic", true}});
  answer("m_second", seen);
  CHECK_FALSE(conversation(id).contains("unanswered_since"));
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
