// The outbox: claimed under a lease, in order, left once.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

struct Outbox : StoreFixture {
  Outbox() {
    available({.name = "ani"});
    id = taken();
  }
  void reply(std::string_view message) {
    by_owner(
        "reply", id,
        {{"key", message}, {"message", message}, {"channel", "email"}, {"external_id", std::string(message) + "@x"}});
  }
  std::vector<std::string> claim(std::int64_t lease = 60'000) {
    std::vector<std::string> ids;
    const auto reply = store.call("outbox_claim", {{"limit", 10}, {"lease", lease}});
    if (const auto* entries = reply.if_contains("entries")) {
      for (const auto& entry : entries->as_array()) {
        ids.push_back(fmt::format("{}#{}", text_of(entry.as_object(), "id"), number_of(entry.as_object(), "attempt")));
      }
    }
    return ids;
  }
  std::string mark(std::string_view message, int attempt, std::string_view result, json::object more = {}) {
    more["id"] = message;
    more["attempt"] = attempt;
    more["result"] = result;
    return text_of(store.call("outbox_mark", more), "state");
  }
  std::string message_state(std::string_view message) {
    const auto found = store.call("read_message", {{"conversation", id}, {"message", message}});
    return text_of(found.at("message").as_object(), "state");
  }
  /// Answered and resolved in a queue of its own, which is then gone; `to`: where its work was told to go.
  void resolved_in_a_queue_that_is_gone(json::object to = {}) {
    store.call("roster_queue", standard_queue("extra"));
    available({.name = "bob", .queues = {"extra"}});
    id = taken({{"queue", "extra"}});
    reply("m_a");
    by_owner("resolve", id);
    add({.name = "bob", .queues = {"billing"}});
    json::object gone{{"queue", "extra"}};
    if (!to.empty()) gone["to"] = std::move(to);
    store.call("roster_remove_queue", gone);
    claim();
  }
  using List = std::vector<std::string>;
  std::string id;
};

}  // namespace

TEST_CASE_FIXTURE(Outbox, "one claims, the others find nothing, until the lease runs out") {
  reply("m_a");
  CHECK(claim() == List{"m_a#1"});
  CHECK(claim().empty());
  store.now += 60'000;
  CHECK(claim() == List{"m_a#2"});
  CHECK(mark("m_a", 1, "retry") == "lost");
  CHECK(mark("m_a", 2, "sent") == "sent");
  CHECK(mark("m_a", 2, "sent") == "done");
  CHECK(message_state("m_a") == "sent");
  CHECK(number_of(store.call("outbox_status"), "queued") == 0);
}

TEST_CASE_FIXTURE(Outbox, "who renews his lease keeps it, however long it takes; who lost it cannot") {
  const auto renew = [this](std::string_view message, int attempt) {
    const json::object entry{{"id", message}, {"attempt", attempt}};
    const auto reply = store.call("outbox_renew", {{"lease", 60'000}, {"entries", json::array{entry}}});
    return !reply.contains("lost");
  };
  reply("m_a");
  CHECK(claim() == List{"m_a#1"});
  for (int i = 0; i < 5; ++i) {
    store.now += 59'999;
    CHECK(renew("m_a", 1));
    CHECK(claim().empty());
  }
  CHECK(number_of(store.call("outbox_status"), "queued") == 1);
  store.now += 60'000;
  CHECK(claim() == List{"m_a#2"});
  CHECK_FALSE(renew("m_a", 1));
  CHECK(renew("m_a", 2));
  CHECK(mark("m_a", 1, "sent") == "sent");
  CHECK_FALSE(renew("m_a", 2));
}

TEST_CASE_FIXTURE(Outbox, "a store that stood still takes nobody's lease") {
  store.call("timers", {{"gap", 5000}});
  reply("m_a");
  CHECK(claim() == List{"m_a#1"});
  store.now += 3'600'000;
  CHECK(claim().empty());  // before the pause is known
  store.call("timers", {{"gap", 5000}});
  store.now += 4'000;
  store.call("timers", {{"gap", 5000}});
  CHECK(claim().empty());
  for (int i = 0; i < 14; ++i) {
    store.now += 4'000;
    store.call("timers", {{"gap", 5000}});
  }
  CHECK(claim() == List{"m_a#2"});
}

TEST_CASE_FIXTURE(Outbox,
                  "an address that nobody has verified gets twenty texts of ours a day, the rest are only shown") {
  const auto told = [&](int number) {
    const auto message = fmt::format("m_{}", number);
    const json::object text{{"conversation", id}, {"message", message}, {"key", message}, {"send", true}};
    const auto reply = store.call("system", text);
    return text_of(reply.at("message").as_object(), "state");
  };
  for (int i = 0; i < 20; ++i) CHECK(told(i) == "queued");
  CHECK(told(20) == "stored");
}

TEST_CASE_FIXTURE(Outbox, "a conversation's messages leave in their order") {
  reply("m_a");
  reply("m_b");
  CHECK(number_of(store.call("outbox_status"), "queued") == 2);
  CHECK(claim() == List{"m_a#1"});
  CHECK(number_of(store.call("outbox_status"), "queued") == 2);
  CHECK(mark("m_a", 1, "retry", {{"at", store.now + 5000}}) == "queued");
  CHECK(claim().empty());
  store.now += 5000;
  CHECK(claim() == List{"m_a#2"});
  CHECK(mark("m_a", 2, "failed", {{"detail", "no such mailbox"}}) == "failed");
  CHECK(claim() == List{"m_b#1"});
  CHECK(message_state("m_a") == "failed");
}

TEST_CASE_FIXTURE(Outbox, "an answer that fails leaves its customer unanswered, and his agent the next step") {
  reply("m_a");
  CHECK_FALSE(conversation(id).contains("unanswered_since"));
  claim();
  store.now += 1'000;
  CHECK(mark("m_a", 1, "failed", {{"detail", "no such mailbox"}}) == "failed");
  const auto c = conversation(id);
  CHECK(number_of(c, "unanswered_since") == store.now);
  CHECK(text_of(c, "next_actor") == "agent");
  CHECK(number_of(c, "next_at") == store.now + 120'000);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Outbox, "an answer that fails after its conversation was resolved opens it again, for who had it") {
  reply("m_a");
  by_owner("resolve", id);
  available({.name = "bob"});
  claim();
  mark("m_a", 1, "failed");
  CHECK(offered_to(id) == "ani");
  CHECK(conversation(id).contains("unanswered_since"));
  CHECK(mark("m_a", 1, "failed") == "done");
  CHECK(offers("ani").size() == 1);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Outbox, "an answer that fails after its queue went is opened again where that queue's work went") {
  available({.name = "cem", .queues = {"billing"}, .skills = {{"cooling", 3}}});
  resolved_in_a_queue_that_is_gone(
      {{"queue", "billing"}, {"promise_s", 600}, {"require", json::object{{"cooling", 2}}}});
  mark("m_a", 1, "failed");
  CHECK(text_of(conversation(id), "queue") == "billing");
  CHECK(number_of(conversation(id), "due") == store.now + 600'000);
  CHECK(offered_to(id) == "cem");
  CHECK(audit().empty());
  CHECK_FALSE(store.call("timers").contains("suspect"));
}

TEST_CASE_FIXTURE(Outbox, "an answer that fails after its queue went nowhere finds the first queue that can take it") {
  resolved_in_a_queue_that_is_gone();
  mark("m_a", 1, "failed");
  CHECK(text_of(conversation(id), "queue") == "billing");
  CHECK(offered_to(id) == "bob");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Outbox, "what became of an answer is written down whole: an opening that broke off is made up for") {
  reply("m_a");
  by_owner("resolve", id);
  claim();
  spoil(store, "timers:fast");
  const json::object failed{{"id", "m_a"}, {"attempt", 1}, {"result", "failed"}};
  CHECK(text_of(store.raw("outbox_mark", failed, "{}"), "error") == "internal");
  unspoil(store, "timers:fast");
  CHECK(mark("m_a", 1, "failed") == "failed");
  CHECK(offered_to(id) == "ani");
  CHECK(conversation(id).contains("unanswered_since"));
  CHECK(mark("m_a", 1, "failed") == "done");
  audit(true);  // of the offer that broke off
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Outbox, "a message whose records cannot be read holds up no other, and leaves once they can be") {
  const auto other = taken();
  reply("m_a");
  by_owner("reply", other, {{"key", "m_b"}, {"message", "m_b"}, {"channel", "email"}});
  for (const int element : {0, 1, 3}) {
    spoil(store, "c:" + id, element);
    CHECK(claim().size() == (element == 0 ? 1 : 0));
    CHECK(number_of(store.call("timers"), "suspect") == 1);
    unspoil(store, "c:" + id, element);
    store.now += 30'000;
    if (element == 0) CHECK(mark("m_b", 1, "sent") == "sent");
  }
  CHECK(number_of(store.call("outbox_status"), "queued") == 1);
  CHECK(claim() == List{"m_a#1"});
}

TEST_CASE_FIXTURE(Outbox, "an answer that fails while its agent is away is somebody else's") {
  reply("m_a");
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  store.pass(120'000);
  available({.name = "bob"});
  claim();
  mark("m_a", 1, "failed");
  CHECK(offered_to(id) == "bob");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Outbox, "an answer that fails wakes what was put aside; what is closed stays so") {
  reply("m_a");
  by_owner("pending", id);
  claim();
  mark("m_a", 1, "failed");
  CHECK(state(id) == "active");
  CHECK(text_of(conversation(id), "next_actor") == "agent");
  reply("m_b");
  by_owner("resolve", id);
  claim();
  store.pass(std::int64_t{30} * 86'400'000);
  REQUIRE(state(id) == "closed");
  mark("m_b", 1, "failed");
  CHECK(state(id) == "closed");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Outbox, "a text of Peyk's own that fails changes nothing") {
  reply("m_a");
  claim();
  mark("m_a", 1, "sent");
  store.call("system", {{"conversation", id}, {"message", "m_s"}, {"key", "s"}, {"send", true}});
  claim();
  CHECK(mark("m_s", 1, "failed") == "failed");
  CHECK_FALSE(conversation(id).contains("unanswered_since"));
}

TEST_CASE_FIXTURE(Outbox, "the same key again is not sent twice, and another text under it is refused") {
  const json::object key{{"key", "k"}, {"message", "m_a"}, {"channel", "email"}, {"digest", "abc"}};
  by_owner("reply", id, key);
  auto again = key;
  again["message"] = "m_b";
  const auto answer = by_owner("reply", id, again);
  CHECK(answer.at("duplicate").as_bool());
  CHECK(text_of(answer.at("message").as_object(), "id") == "m_a");
  CHECK(claim() == List{"m_a#1"});
  again["digest"] = "other";
  again["conversation"] = id;
  again["agent"] = "ani";
  CHECK(text_of(store.refusal("reply", again), "why") == "digest");
}

TEST_CASE_FIXTURE(Outbox, "an answer to what was sent finds the conversation") {
  reply("m_a");
  const auto sender = conversation(id).at("long").as_object().at("participants").as_array().at(0);
  const auto back = arrive("email", {}, {{"sender", sender}, {"references", json::array{"m_a@x"}}});
  CHECK(text_of(back, "conversation") == id);
}

TEST_CASE_FIXTURE(Outbox, "only the owner replies") {
  add({.name = "bob"});
  const json::object words{
      {"conversation", id}, {"agent", "bob"}, {"key", "k"}, {"message", "m"}, {"channel", "email"}};
  CHECK(text_of(store.refusal("reply", words), "why") == "owner");
  by_owner("resolve", id);
  CHECK(text_of(store.refusal("reply", words), "why") == "state");
}

TEST_CASE_FIXTURE(Outbox, "an agent who writes first owns what he opens, once") {
  const json::object words{{"conversation", "c_s"},
                           {"message", "m_s"},
                           {"contact", "p_s"},
                           {"token", "t"},
                           {"agent", "ani"},
                           {"actor", actor("ani")},
                           {"key", "1"},
                           {"channel", "email"},
                           {"kind", "email"},
                           {"to", {{"kind", "email"}, {"value", "sara@x"}}},
                           {"class", {{"queue", "service"}, {"priority", "normal"}, {"promise_s", 120}}}};
  store.call("start", words);
  auto again = words;
  again["conversation"] = "c_t";
  const auto second = store.call("start", again);
  CHECK(text_of(second, "conversation") == "c_s");
  CHECK(second.at("duplicate").as_bool());
  CHECK(text_of(conversation("c_s"), "agent") == "ani");
  CHECK(text_of(conversation("c_s"), "initiator") == "agent");
  CHECK(claim() == List{"m_s#1"});
  CHECK(audit().empty());
}

}  // namespace peyk::test
