// Texts that customers are owed: noted with what gives rise to them, struck out when they are said.
#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

struct Owed : StoreFixture {
  Owed() {
    available({.name = "ani"});
    available({.name = "mehri", .queues = {"billing"}});
  }
  /// "conversation key" of each that is due now.
  std::vector<std::string> due(json::object with = {}) {
    std::vector<std::string> found;
    const auto reply = store.call("texts_due", std::move(with));
    const auto* list = reply.if_contains("due");
    if (list == nullptr) return found;
    for (const auto& item : list->as_array()) {
      const auto& one = item.as_object();
      found.push_back(text_of(one.at("conversation").as_object(), "id") + " " + text_of(one, "key"));
    }
    return found;
  }
  /// Transferred by ani, resolved by mehri; the key of its text.
  std::string passed_on_and_resolved(const std::string& id) {
    by_owner("transfer", id,
             {{"class",
               {{"queue", "billing"},
                {"priority", "normal"},
                {"promise_s", 120},
                {"first_reply_by", store.now + 120'000},
                {"resolve_by", store.now + 86'400'000}}}});
    accept("mehri", offers("mehri").front());
    return text_of(by_owner("resolve", id), "text");
  }
};

using List = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(Owed, "who followed a conversation to its end: its text is owed until it is said, and said once") {
  const auto id = taken();
  const auto key = passed_on_and_resolved(id);
  REQUIRE_FALSE(key.empty());
  store.now += 9'999;
  CHECK(due().empty());  // who resolved it says it
  store.now += 1;
  CHECK(due() == List{id + " " + key});
  CHECK(due().empty());  // who asked first says it
  store.now += 30'000;
  CHECK(due() == List{id + " " + key});
  const json::object said{{"conversation", id}, {"message", "m_s"}, {"key", key}, {"channel", "email"}};
  CHECK_FALSE(store.call("system", said).contains("duplicate"));
  CHECK(store.call("system", said).contains("duplicate"));
  store.now += 60'000;
  CHECK(due().empty());
}

TEST_CASE_FIXTURE(Owed, "what is resolved where it began owes nobody a text; nor does an old resolve said again") {
  const auto id = taken();
  CHECK_FALSE(by_owner("resolve", id).contains("text"));
  store.now += 60'000;
  CHECK(due().empty());
}

TEST_CASE_FIXTURE(Owed, "a new conversation owes its customer a word where its channel asks for that") {
  const auto told = text_of(arrive("form", {}, {{"tell", true}}), "conversation");
  arrive("form");
  store.now += 10'000;
  CHECK(due() == List{told + " received"});
  const json::array drop{json::object{{"conversation", told}, {"key", "received"}}};
  store.now += 60'000;
  CHECK(due({{"drop", drop}}).empty());
}

TEST_CASE_FIXTURE(Owed, "a text whose conversation cannot be read holds up no other, and is said once it can be") {
  const auto damaged = text_of(arrive("form", {}, {{"tell", true}}), "conversation");
  store.now += 1;
  const auto other = text_of(arrive("form", {}, {{"tell", true}}), "conversation");
  spoil(store, "c:" + damaged);
  store.now += 10'000;
  CHECK(due() == List{other + " received"});
  CHECK(number_of(store.call("timers"), "suspect") == 1);
  unspoil(store, "c:" + damaged);
  store.call("system", {{"conversation", other}, {"message", "m_s"}, {"key", "received"}, {"channel", "email"}});
  store.now += 30'000;
  CHECK(due() == List{damaged + " received"});
}

TEST_CASE_FIXTURE(Owed, "a chat whose agent is gone, and a rule that answers, owe a text; a mail that waits does not") {
  const auto chat = taken({}, "chat");
  const auto mail = taken();
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  store.pass(30'000);
  store.pass(90'000);
  const auto lost = store.now;
  REQUIRE(state(chat) != "active");
  REQUIRE(state(mail) == "waiting");
  auto queue = standard_queue("billing");
  queue["overflow"] = json::array{json::object{{"nobody", true}, {"answer", 2}}};
  store.call("roster_queue", queue);
  const auto answered =
      text_of(arrive("form", {{"queue", "billing"}, {"require", json::object{{"cooling", 9}}}}, {{"tell", true}}),
              "conversation");
  store.now += 10'000;
  CHECK(due() == List{chat + " reassigned:" + std::to_string(lost), answered + " overflow:2:1"});
}

}  // namespace peyk::test
