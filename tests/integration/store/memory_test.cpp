// What a conversation costs in memory, and the maps that many short texts share.
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Memory : StoreFixture {
  std::int64_t bytes(const std::string& name) {
    return store.command({"MEMORY", "USAGE", store.key(name), "SAMPLES", "0"}).integer;
  }
  std::vector<std::string> buckets(const std::string& map) {
    std::vector<std::string> keys;
    for (const auto& key : store.command({"KEYS", store.key(map + ":*")}).items) keys.push_back(key.text);
    return keys;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Memory, "memory: a waiting conversation with its message and its new contact has two keys") {
  const json::object mail{{"conversation", "c_k3v9q0zx7m2p4r8t"},
                          {"message", "m_k3v9q0zx7m2p4r8t"},
                          {"contact", "p_k3v9q0zx7m2p4r8t"},
                          {"token", std::string(43, 't')},
                          {"delivery_key", "support:<b1946ac92492d2347c6235b4d2611184@mail.example>"},
                          {"digest", std::string(64, 'd')},
                          {"channel", "support-mail"},
                          {"kind", "email"},
                          {"name", "Sara Petrosyan"},
                          {"subject", "The cooler leaks again"},
                          {"sender", {{"kind", "email"}, {"value", "sara.petrosyan@customers.example"}}},
                          {"class",
                           {{"queue", "service"},
                            {"priority", "normal"},
                            {"promise_s", 14400},
                            {"first_reply_by", store.now + 14'400'000},
                            {"resolve_by", store.now + 172'800'000},
                            {"language", "en"},
                            {"rule", "route 3"},
                            {"config_version", "0123456789abcdef"}}}};
  const auto keys_before = store.command({"DBSIZE"}).integer;
  store.call("receive", mail, fmt::format(R"({{"text":"{}"}})", std::string(200, 'x')));
  CHECK(bytes("c:c_k3v9q0zx7m2p4r8t") <= 850);
  CHECK(bytes("p:p_k3v9q0zx7m2p4r8t") <= 220);
  // The others are shared: index, lane and its heads, timers, the two maps, events, the mark that nobody is free.
  CHECK(store.command({"DBSIZE"}).integer - keys_before <= 2 + 10);
  store.call("receive", mail, "{}");
  CHECK(bytes("once:0") + bytes("id:0") <= 2 * 200);
}

TEST_CASE_FIXTURE(Memory, "maps: as many entries as there are, their buckets stay packed and every entry is found") {
  constexpr int kMany = 1200;
  for (int i = 0; i < kMany; ++i) arrive("form");
  std::int64_t kept = 0;
  for (const auto* map : {"once", "id"}) {
    const auto keys = buckets(map);
    CHECK(keys.size() > 8);
    for (const auto& key : keys) {
      CHECK(store.command({"OBJECT", "ENCODING", key}).text == "listpack");
      kept += store.command({"HLEN", key}).integer;
    }
  }
  CHECK(kept == 2 * kMany);
  for (int i = 1; i <= kMany; ++i) {
    const auto again = arrive("form", {}, {{"delivery_key", fmt::format("key-{}", i)}});
    REQUIRE(again.contains("duplicate"));
    REQUIRE(text_of(again, "conversation") == fmt::format("c_{}", i));
  }
}

TEST_CASE_FIXTURE(Memory, "maps: a delivery key is known for its time, and not longer") {
  const auto first = text_of(arrive("form"), "conversation");
  store.now += 2'592'000'000;
  CHECK(text_of(arrive("form", {}, {{"delivery_key", "key-1"}}), "conversation") == first);
  store.now += 2'000;
  const auto later = arrive("form", {}, {{"delivery_key", "key-1"}});
  CHECK_FALSE(later.contains("duplicate"));
  CHECK(text_of(later, "conversation") != first);
  CHECK(store.command({"PTTL", store.key("once:0")}).integer > 2'591'000'000);
}

TEST_CASE_FIXTURE(Memory, "a contact's newest conversation on a channel is found after newer ones on others") {
  const json::object sara{{"sender", {{"kind", "email"}, {"value", "sara@x.example"}}}};
  const auto chat = text_of(arrive("chat", {}, sara), "conversation");
  const auto mail = text_of(arrive("email", {}, sara), "conversation");
  const auto form = text_of(arrive("form", {}, sara), "conversation");
  CHECK(std::set{chat, mail, form}.size() == 3);
  CHECK(text_of(arrive("chat", {}, sara), "conversation") == chat);
  for (const auto& [channel, id] : {std::pair{"chat", chat}, {"email", mail}, {"form", form}}) {
    const auto found = store.call("read_conversation_of", {{"identity", sara.at("sender")}, {"channel", channel}});
    CHECK(text_of(found.at("conversation").as_object(), "id") == id);
  }
  const auto contact = text_of(conversation(chat), "contact");
  CHECK(store.call("read_contact", {{"contact", contact}}).at("contact").at("conversations").as_array() ==
        json::array{chat, mail, form});
}

}  // namespace peyk::test
