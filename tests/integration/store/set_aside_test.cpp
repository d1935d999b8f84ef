// Records that matching comes upon and cannot use: they are set aside, and whoever stands behind them is served.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

struct Aside : Damaged {
  std::string next() { return text_of(arrive(), "conversation"); }
  /// Its record is another element: one that is none, a number, or one without any field.
  void replace(const std::string& id, const std::string& record) { damage({"LSET", "c:" + id, "0", record}); }
  /// Something else stands in its place.
  void overwrite(const std::string& id) {
    damage({"DEL", "c:" + id});
    damage({"SADD", "c:" + id, "x"});
  }
  /// How often this command was called since the statistics were reset.
  int commands(const std::string& name) {
    const auto stats = store.command({"INFO", "commandstats"}).text;
    const auto entry = "cmdstat_" + name + ":calls=";
    const auto at = stats.find(entry);
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + entry.size()));
  }
  json::array suspects() {
    const auto told = store.call("timers");
    return told.contains("suspects") ? told.at("suspects").as_array() : json::array();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Aside, "whatever stands unreadable at a lane's head: who is behind it is served") {
  const auto text = next(), empty = next(), other = next(), gone = next(), behind = next();
  const std::vector<std::string> aside{waiting, text, empty, other};
  std::vector<json::object> before;
  before.reserve(aside.size());
  for (const auto& id : aside) before.push_back(conversation(id));
  spoil(store, "c:" + waiting);
  replace(text, "garbage");
  replace(empty, "\x80");
  overwrite(other);
  damage({"DEL", "c:" + gone});
  by_owner("resolve", active);
  CHECK(offered_to(behind) == "ani");
  json::array named{waiting, text, empty, other, gone};
  std::ranges::sort(named, {}, [](const auto& id) { return std::string(id.as_string()); });
  CHECK(suspects() == named);
  finds("record.unreadable");
  CHECK(suspects().empty());
  available({.name = "bob", .capacity = 1000});
  for (std::size_t i = 0; i < aside.size(); ++i) {
    CHECK(offered_to(aside[i]) == "bob");
    const auto after = conversation(aside[i]);
    for (const auto* kept : {"reference", "contact", "channel", "queue", "kind", "created_at", "age_at"}) {
      CAPTURE(kept);
      CHECK(after.at(kept) == before[i].at(kept));
    }
  }
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Aside, "what was said is gone with a record of another type: the rest is known, and kept beside it") {
  const auto before = conversation(waiting).at("long").at("participants");
  overwrite(waiting);
  finds("record.unreadable");
  CHECK(conversation(waiting).at("long").at("participants") == before);
  CHECK(conversation(waiting).contains("unanswered_since"));
  CHECK(store.command({"TYPE", store.key("lost:c:" + waiting)}).text == "set");
  CHECK(store.command({"PTTL", store.key("lost:c:" + waiting)}).integer > 0);
}

TEST_CASE_FIXTURE(Aside, "who is held for what cannot be read is soon held no longer") {
  const auto chat = text_of(arrive("chat", {{"promise_s", 1}}), "conversation");
  store.pass(5000);
  by_owner("resolve", active);
  REQUIRE(text_of(agent("ani"), "held") == chat);
  spoil(store, "c:" + chat);
  store.now += 15'000;
  store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
  store.call("timers");
  CHECK_FALSE(agent("ani").contains("held"));
  CHECK(offered_to(waiting) == "ani");
  finds("record.unreadable");
}

TEST_CASE_FIXTURE(Aside, "what was handed to an agent and cannot be read keeps nothing else from him") {
  available({.name = "bob", .capacity = 200});
  accept("bob", offers("bob").front());
  by_owner("transfer", waiting, {{"to", "ani"}, {"timeout", 600'000}});
  REQUIRE(state(waiting) == "waiting");
  store.call("presence", {{"agent", "bob"}, {"actor", actor("bob")}, {"state", "break"}});
  const auto behind = next();
  spoil(store, "c:" + waiting);
  by_owner("resolve", active);
  CHECK(offered_to(behind) == "ani");
  CHECK(suspects() == json::array{waiting});
  finds("record.unreadable");
}

TEST_CASE_FIXTURE(Aside, "what may be offered to one more and cannot be read: the next is") {
  auto queue = standard_queue("service");
  queue["offer"].as_object()["parallel"] = 3;
  store.call("roster_queue", queue);
  available({.name = "bob", .capacity = 200});
  const auto behind = next();
  REQUIRE(offered_to(waiting) == "bob");
  REQUIRE(offered_to(behind) == "bob");
  spoil(store, "c:" + waiting);
  available({.name = "cem", .capacity = 100});
  REQUIRE(offers("cem").size() == 1);
  CHECK(text_of(store.call("read_offer", {{"offer", offers("cem").front()}}).at("offer").as_object(), "conversation") ==
        behind);
  finds("record.unreadable");
}

TEST_CASE_FIXTURE(Aside, "a free agent whose record cannot be read: the next gets what comes") {
  available({.name = "eva", .capacity = 1000});
  REQUIRE(offered_to(waiting) == "eva");
  spoil(store, "a:eva");
  available({.name = "fay", .capacity = 200});
  CHECK(offered_to(next()) == "fay");
  CHECK(suspects() == json::array{"agent:eva"});
  finds("record.unreadable");
  CHECK(suspects().empty());
  CHECK(offered_to(waiting) == "eva");
  CHECK(offered_to(next()) == "eva");
}

TEST_CASE_FIXTURE(Aside, "an agent whose record cannot be read takes nothing from those looked at with him") {
  available({.name = "bob", .queues = {"billing"}});
  REQUIRE(offers("bob").empty());
  spoil(store, "a:bob");
  by_owner("resolve", active);
  damage({"ZADD", "sweep", "0", "ani", "1", "bob"});
  store.call("timers");
  CHECK(offered_to(waiting) == "ani");
  CHECK(suspects() == json::array{"agent:bob"});
  unspoil(store, "a:bob");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Aside, "who knows a customer and cannot be read, or is held for him: another gets him") {
  const auto chat = text_of(arrive("chat", {{"promise_s", 1}}), "conversation");
  store.pass(5000);
  by_owner("resolve", active);
  REQUIRE(text_of(agent("ani"), "held") == chat);
  spoil(store, "a:ani");
  available({.name = "bob", .capacity = 1000});
  CHECK(offered_to(chat) == "bob");
  CHECK(offered_to(waiting) == "bob");
  arrive("email", {}, {{"hint", active}, {"sender", {{"kind", "email"}, {"value", "customer-1@x.example"}}}});
  CHECK(offered_to(active) == "bob");
  finds("record.unreadable");
}

TEST_CASE_FIXTURE(Aside, "what was handed to an agent and is not whole keeps nothing else from him") {
  available({.name = "bob", .capacity = 200});
  accept("bob", offers("bob").front());
  by_owner("transfer", waiting, {{"to", "ani"}, {"timeout", 600'000}});
  store.call("presence", {{"agent", "bob"}, {"actor", actor("bob")}, {"state", "break"}});
  const auto behind = next();
  change("c:" + waiting, "ps", "");
  by_owner("resolve", active);
  CHECK(offered_to(behind) == "ani");
  CHECK(suspects() == json::array{waiting});
  CHECK(store.command({"ZCARD", store.key("own:ani")}).integer == 0);
}

TEST_CASE_FIXTURE(Aside, "queues are shown, whatever stands at the heads of their lanes") {
  spoil(store, "c:" + waiting);
  CHECK_FALSE(store.call("read_queues").at("queues").as_array().empty());
}

TEST_CASE_FIXTURE(Aside, "what is set aside costs as much in a desk of many lanes as in one of few") {
  std::vector<std::string> unreadable;
  unreadable.reserve(15);
  for (int i = 0; i < 15; ++i) unreadable.push_back(next());
  const auto behind = next();
  // What he may have, each in a lane of its own, and less urgent than those.
  for (int i = 1; i <= 60; ++i) {
    arrive("email",
           {{"priority", i % 2 == 0 ? "low" : "normal"}, {"require", {{"hy", 1 + i % 30}}}, {"promise_s", 7200}});
  }
  for (const auto& id : unreadable) spoil(store, "c:" + id);
  spoil(store, "c:" + waiting);
  store.command({"CONFIG", "RESETSTAT"});
  by_owner("resolve", active);
  CHECK(offered_to(behind) == "ani");
  CHECK(commands("zrem") < 100);
  finds("record.unreadable");
}

TEST_CASE_FIXTURE(Aside, "an audit mends a few at a time: nobody waits long for the store meanwhile") {
  std::vector<std::string> unreadable;
  unreadable.reserve(100);
  for (int i = 0; i < 100; ++i) unreadable.push_back(next());
  for (const auto& id : unreadable) spoil(store, "c:" + id);
  std::string cursor = "first 0";
  std::size_t mended = 0;
  for (int calls = 0; !cursor.empty() && calls < 1000; ++calls) {
    const auto reply = store.call("audit", {{"repair", true}, {"limit", 500}, {"cursor", cursor}});
    const auto* found = reply.if_contains("findings");
    const auto count = found == nullptr ? 0 : std::ranges::count_if(found->as_array(), [](const auto& finding) {
      return text_of(finding.as_object(), "code") == "record.unreadable";
    });
    CHECK(count <= 25);
    mended += static_cast<std::size_t>(count);
    cursor = text_of(reply, "cursor");
  }
  CHECK(mended == unreadable.size());
  CHECK(audit().empty());
  available({.name = "bob", .capacity = 20'000});
  store.settle();
  for (const auto& id : unreadable) CHECK(state(id) == "offered");
}

TEST_CASE_FIXTURE(Aside, "who writes beside this version and counts no lanes: what changed in them is seen") {
  const auto forget_count = [this] {
    store.eval(R"(local n = {cmsgpack.unpack(redis.call('HGET', ARGV[1], 'numbers'))}
      redis.call('HSET', ARGV[1], 'numbers', cmsgpack.pack(unpack(n, 1, 6))))",
               {store.key("meta")});
  };
  forget_count();
  by_owner("resolve", active);
  CHECK(offered_to(waiting) == "ani");
  const auto first = next();
  REQUIRE(state(first) == "waiting");
  forget_count();
  store.eval(R"(for _, name in ipairs(redis.call('KEYS', ARGV[1] .. 'lane:*')) do redis.call('DEL', name) end
    for _, name in ipairs(redis.call('KEYS', ARGV[1] .. 'heads:*')) do redis.call('DEL', name) end
    for _, name in ipairs(redis.call('KEYS', ARGV[1] .. 'busy*')) do redis.call('DEL', name) end)",
             {store.key("")});
  const auto second = next();
  for (const auto& offer : offers("ani")) accept("ani", offer);
  by_owner("resolve", waiting);
  CHECK(offered_to(second) == "ani");
}

}  // namespace peyk::test
