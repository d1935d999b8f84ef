// A customer whose own record cannot be read: he is heard as any other, and becomes who he was.
#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

/// No record, a number, another type.
constexpr const char* kDamages[] = {"\xc1", "garbage", ""};

const json::object kOne{{"kind", "chat"}, {"value", "one"}, {"verified", true}};

struct UnreadableContact : Damaged {
  std::string id, first;

  UnreadableContact() {
    available({.name = "bob", .capacity = 1000});
    first = text_of(write(), "conversation");
    accept("bob", offers("bob").back());
    id = text_of(conversation(first), "contact");
  }
  json::object write(json::object more = {}) {
    store.now += 1000;
    json::object with{{"sender", kOne}, {"name", "One"}};
    for (const auto& member : more) with.insert_or_assign(member.key(), member.value());
    return arrive("chat", {}, with);
  }
  json::object contact() { return store.call("read_contact", {{"contact", id}}).at("contact").as_object(); }
  json::array suspects() {
    const auto told = store.call("timers");
    return told.contains("suspects") ? told.at("suspects").as_array() : json::array();
  }
  void plant(std::string_view record) {
    damage({"DEL", "p:" + id});
    if (record.empty()) {
      damage({"RPUSH", "p:" + id, "x"});
    } else {
      damage({"SET", "p:" + id, std::string(record)});
    }
  }
};

}  // namespace

TEST_CASE_FIXTURE(UnreadableContact, "who cannot be read is heard: his message goes on where he was") {
  for (const auto* record : kDamages) {
    CAPTURE(record);
    const auto before = contact();
    plant(record);
    const auto reply = write({{"hint", first}});
    CHECK(text_of(reply, "conversation") == first);
    CHECK_FALSE(reply.contains("unverified"));
    CHECK(suspects() == json::array{"contact:" + id});
    CHECK(contact().at("conversations") == before.at("conversations"));
    finds("record.unreadable");
    CHECK(contact() == before);
    CHECK(suspects().empty());
  }
}

TEST_CASE_FIXTURE(UnreadableContact, "who cannot be read begins something new, and has all he had once it is mended") {
  by_owner("resolve", first);
  spoil(store, "p:" + id);
  const auto second = text_of(write(), "conversation");
  CHECK(second != first);
  CHECK(text_of(conversation(second), "contact") == id);
  CHECK(offered_to(second) == "bob");
  store.pass(7'200'000);
  finds("record.unreadable");
  CHECK(contact().at("conversations") == json::array{first, second});
  CHECK(text_of(contact(), "name") == "One");
}

TEST_CASE_FIXTURE(UnreadableContact, "who cannot be read is accepted: his agent sees the offer and has it") {
  int others = 0;
  for (const auto* record : kDamages) {
    CAPTURE(record);
    const json::object other{{"kind", "chat"}, {"value", std::to_string(++others)}};
    const auto asked = text_of(write({{"sender", other}}), "conversation");
    id = text_of(conversation(asked), "contact");
    plant(record);
    const auto offer = offers("bob").back();
    CHECK(text_of(store.call("read_offer", {{"offer", offer}}).at("contact").as_object(), "id") == id);
    accept("bob", offer);
    CHECK(text_of(conversation(asked), "agent") == "bob");
    CHECK(contact().at("conversations") == json::array{asked});
    finds("record.unreadable");
    by_owner("resolve", asked);
  }
}

TEST_CASE_FIXTURE(UnreadableContact, "what stood in the place of a customer is kept, also when there is more of it") {
  spoil(store, "p:" + id);
  write({{"hint", first}});
  const auto kept = [this](const std::string& name) { return store.command({"GET", store.key(name)}).text; };
  CHECK(kept("lost:p:" + id) == "\xc1");
  CHECK(store.command({"PTTL", store.key("lost:p:" + id)}).integer > 0);
  plant("garbage");
  write({{"hint", first}});
  CHECK(kept("lost:p:" + id) == "\xc1");
  CHECK(kept("lost:p:" + id + "#2") == "garbage");
  CHECK(store.command({"PTTL", store.key("lost:p:" + id + "#2")}).integer > 0);
}

TEST_CASE_FIXTURE(UnreadableContact, "an audit that mends nothing names him, and leaves what stands in his place") {
  spoil(store, "p:" + id);
  CHECK(has_code(audit(), "record.unreadable"));
  CHECK(store.command({"GET", store.key("p:" + id)}).text == "\xc1");
}

TEST_CASE_FIXTURE(UnreadableContact, "an old conversation that cannot be read keeps nobody from writing") {
  by_owner("resolve", first);
  spoil(store, "c:" + first);
  const auto second = text_of(write(), "conversation");
  CHECK(second != first);
  CHECK(offered_to(second) == "bob");
  accept("bob", offers("bob").back());
  CHECK(suspects() == json::array{first});
  finds("record.unreadable");
  CHECK(state(first) == "resolved");
  store.pass(604'800'000);
  CHECK(state(first) == "closed");
}

}  // namespace peyk::test
