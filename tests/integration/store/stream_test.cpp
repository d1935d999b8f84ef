// The event stream: from its entries alone every conversation's state, owner and times are rebuilt.
#include "tests/support/stream.h"

#include <doctest/doctest.h>

#include "tests/support/rebuilt.h"
#include "tests/support/store.h"

namespace peyk::test {

TEST_CASE_FIXTURE(StoreFixture, "the stream rebuilds every conversation through all its states") {
  available({.name = "ani"});
  available({.name = "bob", .queues = {"service", "billing"}});
  const auto replied = taken();
  by_owner("reply", replied, {{"key", "1"}, {"message", "m_r"}, {"channel", "email"}});
  store.now += 1000;
  const auto snoozed = taken();
  by_owner("snooze", snoozed, {{"until", store.now + 3'600'000}});
  const auto pending = taken();
  by_owner("pending", pending);
  const auto moved = taken();
  by_owner("transfer", moved, {{"class", {{"queue", "billing"}, {"priority", "high"}, {"promise_s", 60}}}});
  arrive("chat");
  store.pass(30'000);
  arrive("email", {{"require", {{"hy", 9}}}});
  CHECK(compare_with_stream(store, look_at(store)).empty());

  const auto known = rebuild(store).at(replied);
  const auto c = conversation(replied);
  CHECK(known.at("first_replied_at") == std::to_string(number_of(c, "first_replied_at")));
  for (const auto* promised : {"first_reply_by", "resolve_by"}) {
    CHECK(known.at(promised) == std::to_string(number_of(c, promised)));
  }
  CHECK(known.at("created_at") == std::to_string(number_of(c, "created_at")));
  CHECK(known.at("unanswered_since").empty());
}

TEST_CASE_FIXTURE(StoreFixture, "entries carry ids and no text") {
  arrive("email", {}, {{"subject", "a very private matter"}});
  const auto page = store.command({"XRANGE", store.key("events"), "-", "+"});
  for (const auto& entry : page.items) {
    for (const auto& word : entry.items.at(1).items) CHECK(word.text.find("private") == std::string::npos);
  }
}

TEST_CASE_FIXTURE(StoreFixture, "entries are numbered without a hole, and grow though the clock steps back") {
  arrive();
  store.now -= 60'000;
  arrive();
  int expected = 0;
  for (const auto& event : read_stream(store)) CHECK(event.get("seq") == std::to_string(++expected));
}

TEST_CASE_FIXTURE(StoreFixture,
                  "an entry is read whole: its names and its type, and its time though the clock stepped back") {
  const auto arrived = store.now;
  const auto id = text_of(arrive("chat"), "conversation");
  store.now -= 60'000;
  arrive();
  const auto events = read_stream(store);
  const auto& first = events.front();
  CHECK(first.type == "conversation.created");
  CHECK(first.conversation.str() == id);
  CHECK(first.actor == "customer:p_1");
  CHECK(first.at == from_unix_ms(arrived));
  CHECK(first.get("created_at") == std::to_string(arrived));
  for (const auto& [name, value] : {std::pair{"seq", "1"},
                                    {"state", "waiting"},
                                    {"queue", "service"},
                                    {"agent", ""},
                                    {"kind", "chat"},
                                    {"channel", "chat"},
                                    {"contact", "p_1"}}) {
    CHECK(first.ids.contains(name));
    CHECK(first.get(name) == value);
  }
  const auto& last = events.back();
  CHECK(last.type == "conversation.queued");
  CHECK(last.cause == "arrived");
  CHECK(last.at == from_unix_ms(arrived - 60'000));
}

TEST_CASE_FIXTURE(StoreFixture, "what one call tells is one entry, as far as 64 events go") {
  const auto entries = [this] { return store.command({"XLEN", store.key("events")}).integer; };
  const auto told = [this](const std::string& from) { return std::ssize(read_stream(store, from)); };
  arrive();
  CHECK(entries() == 1);
  CHECK(told("") == 3);
  for (int i = 0; i < 99; ++i) arrive();
  const auto before = entries();
  const auto last = read_stream(store).back().id;
  available({.name = "ani", .capacity = 10'000});
  CHECK(told(last) > 100);
  CHECK(entries() < before + 10);
  CHECK(compare_with_stream(store, look_at(store)).empty());
}

TEST_CASE_FIXTURE(StoreFixture, "what stands between the fields of an entry is a space in what a caller says") {
  available({.name = "ani"});
  arrive();
  const json::object actor{{"kind", "agent"}, {"name", "ani"}};
  store.call("decline", {{"agent", "ani"}, {"actor", actor}, {"offer", "o_1"}, {"reason", "lunch\x1fw\x1f-"}});
  int declined = 0;
  for (const auto& event : read_stream(store)) {
    if (event.type != "offer.declined") continue;
    ++declined;
    CHECK(event.cause == "lunch w -");
    CHECK(event.get("to") == "ani");
    CHECK(event.get("agent").empty());
  }
  CHECK(declined == 1);
}

TEST_CASE_FIXTURE(StoreFixture, "the stream is trimmed by age") {
  auto settings = standard_settings();
  settings["keep_events"] = 60'000;
  store.call("roster_settings", settings);
  for (int i = 0; i < 300; ++i) arrive();
  const auto before = store.command({"XLEN", store.key("events")}).integer;
  store.now += 120'000;
  store.settle();
  for (int i = 0; i < 3; ++i) store.call("timers");
  CHECK(store.command({"XLEN", store.key("events")}).integer < before / 2);
}

}  // namespace peyk::test
