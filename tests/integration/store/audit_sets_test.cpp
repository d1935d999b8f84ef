// Planted damage in the sets that matching reads: what a conversation or an agent would wait for in vain.
#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

const json::object kArmenian{{"require", {{"hy", 1}}}};

struct Sets : Damaged {
  void eva() { available({.name = "eva", .skills = {{"hy", 3}}}); }
  /// A conversation that asks for a skill that nobody has, and waits.
  std::string armenian() { return text_of(arrive("email", kArmenian), "conversation"); }
  /// All findings are mended, with so few looked at in each call.
  void repair(int limit) {
    store.audit({{"repair", true}, {"limit", limit}});
    CHECK(audit().empty());
  }
};

}  // namespace

TEST_CASE_FIXTURE(Sets, "audit: a demand marked as one that nobody is free for, though somebody is") {
  // Behind so many who are free and lack the skill, the mark is believed.
  for (int i = 0; i < 9; ++i) available({.name = "other-" + std::to_string(i)});
  eva();
  damage({"SADD", "dry:service:email", "hy=1"});
  const auto passed_over = armenian();
  CHECK(state(passed_over) == "waiting");
  finds("dry.wrong");
  CHECK(offered_to(passed_over) == "eva");
}

TEST_CASE_FIXTURE(Sets, "audit: those whom a demand admits") {
  eva();
  CHECK(offered_to(armenian()) == "eva");
  damage({"DEL", "elig:service:hy=1"});
  const auto passed_over = armenian();
  CHECK(state(passed_over) == "waiting");
  finds("elig.wrong");
  CHECK(offered_to(passed_over) == "eva");
  damage({"SADD", "elig:service:hy=1", "ani", "ghost"});
  finds("elig.wrong");
}

TEST_CASE_FIXTURE(Sets, "nobody is offered what a set of the free says he may have and his queues do not") {
  eva();
  available({.name = "ben", .queues = {"billing"}});
  damage({"ZADD", "free:service:email", "1", "ben"});
  CHECK(offered_to(text_of(arrive(), "conversation")) == "eva");
  CHECK(offers("ben").empty());
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Sets, "audit: who is free, available or listed where he does not serve") {
  for (const auto* key : {"free:billing:email", "agents:billing", "skill:billing:hy", "skill:service:fa"}) {
    damage({"ZADD", key, "1", "ani"});
    finds(key[0] == 'f' ? "free.wrong" : "roster.stray");
    damage({"ZADD", key, "1", "ghost"});
    finds(key[0] == 'f' ? "free.wrong" : "roster.stray");
  }
  damage({"SADD", "avail:billing", "ani", "ghost"});
  finds("avail.wrong");
}

TEST_CASE_FIXTURE(Sets, "audit: who is not listed where he serves") {
  eva();
  damage({"ZREM", "agents:service", "eva"});
  finds("roster.wrong");
  damage({"DEL", "skill:service:hy"});
  finds("roster.wrong");
  damage({"ZADD", "skill:service:hy", "1", "eva"});
  finds("roster.wrong");
  damage({"SREM", "avail:service", "eva"});
  finds("avail.wrong");
  CHECK(offered_to(armenian()) == "eva");
}

TEST_CASE_FIXTURE(Sets, "audit: a demand that nobody knows, and one that is never forgotten") {
  const auto id = armenian();
  damage({"ZREM", "demands:service", "hy=1"});
  finds("demand.lost");
  damage({"ZREM", "timers:bulk", "d|service|hy=1"});
  finds("timer.demand");
  eva();
  CHECK(offered_to(id) == "eva");
}

TEST_CASE_FIXTURE(Sets, "audit: a ring that its agents do not know") {
  const json::array rings{json::object{{"queue", "billing"}, {"after", 1000}}};
  arrive("email", {{"rings", rings}, {"require", {{"hy", 1}}}});
  store.pass(1000);
  damage({"DEL", "rings"});
  finds("rings.lost");
}

TEST_CASE_FIXTURE(Sets, "audit: who hopes for somebody who may leave, and is not told") {
  available({.name = "eva", .skills = {{"hy", 3}}, .capacity = 100});
  REQUIRE(offered_to(waiting) == "eva");
  const json::array prefer{json::object{{"skills", {{"hy", 1}}}, {"for", 600'000}, {"unless", "available"}}};
  const auto hopes = text_of(arrive("email", {{"prefer", prefer}}), "conversation");
  REQUIRE(audit().empty());
  damage({"ZREM", "unless:service", hopes});
  finds("unless.lost");
  damage({"ZADD", "unless:service", "0", active});
  finds("unless.stray");
  store.call("presence", {{"agent", "eva"}, {"actor", actor("eva")}, {"state", "away"}});
  store.settle();
  CHECK(text_of(store.call("read_explain", {{"conversation", hopes}}), "demand").empty());
}

TEST_CASE_FIXTURE(Sets, "audit: one who is gone, and time does not know") {
  store.call("socket_gone", {{"agent", "ani"}, {"socket", "1"}});
  REQUIRE(audit().empty());
  damage({"ZREM", "timers:fast", "g|ani", "r|ani"});
  finds("timer.agent");
  store.settle();
  CHECK(state(offered) == "waiting");
  damage({"ZREM", "timers:fast", "r|ani"});
  finds("timer.agent");
  store.pass(120'000);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Sets, "audit: a cool-down without an end, a hold that nobody looks at, one that nobody knows") {
  store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offers("ani").front()}});
  damage({"ZREM", "timers:bulk", "c|ani|" + offered});
  finds("timer.cool");
  const auto chat = text_of(arrive("chat", {{"promise_s", 1}}), "conversation");
  store.pass(5000);
  by_owner("resolve", active);
  REQUIRE(text_of(agent("ani"), "held") == chat);
  damage({"ZREM", "timers:bulk", "h|ani"});
  finds("timer.agent");
  damage({"HSET", "holds", active, "ani"});
  finds("hold.stray");
}

TEST_CASE_FIXTURE(Sets, "audit: heads without a lane, and what waits at another age than its own") {
  damage({"ZADD", "heads:service:email:normal:120", "1", "hy=5"});
  finds("heads.stray");
  damage({"ZADD", "busy:service", "1", "chat:low:9"});
  finds("heads.stray");
  damage({"SADD", "busyq", "billing"});
  finds("heads.stray");
  damage({"ZADD", "lane:service:email:normal:120:", "1", waiting});
  finds("lane.score");
  damage({"ZADD", "in:waiting:service:email", "1", waiting});
  finds("index.score");
}

TEST_CASE_FIXTURE(Sets, "audit: a queue that is gone: what it had goes where somebody can take it") {
  add({.name = "ben", .queues = {"billing"}});
  damage({"HDEL", "queues", "service"});
  damage({"DEL", "agents:service"});
  forget_roster();
  finds("queue.lost");
  for (const auto& id : {waiting, offered, active}) CHECK(text_of(conversation(id), "queue") == "billing");
  CHECK(text_of(conversation(active), "agent") == "ani");
  CHECK(offered_to(offered) == "ani");
  available("ben");
  CHECK(offered_to(waiting) == "ben");
}

TEST_CASE_FIXTURE(Sets, "audit: a record that lacks what every conversation has") {
  for (const auto* field : {"st", "q", "k", "cr", "ps"}) {
    for (const auto& id : {waiting, offered, active}) {
      const auto before = conversation(id);
      change("c:" + id, field, "");
      finds("record.broken");
      for (const auto* kept : {"state", "queue", "created_at", "unanswered_since"}) {
        CAPTURE(field);
        CHECK(conversation(id).at(kept) == before.at(kept));
      }
    }
  }
  CHECK(text_of(conversation(active), "agent") == "ani");
  CHECK(offered_to(offered) == "ani");
}

TEST_CASE_FIXTURE(Sets, "audit: a record that cannot be read goes on where the indexes have it") {
  for (const auto& id : {waiting, offered, active}) {
    const auto before = conversation(id);
    spoil(store, "c:" + id);
    REQUIRE_FALSE(audit().empty());
    finds("record.unreadable");
    const auto after = conversation(id);
    for (const auto* kept : {"state", "queue", "kind", "contact", "messages"}) {
      CAPTURE(kept);
      CHECK(after.at(kept) == before.at(kept));
    }
    CHECK_FALSE(text_of(after, "reference").empty());
  }
  CHECK(text_of(conversation(active), "agent") == "ani");
  CHECK_FALSE(store.call("timers").contains("suspect"));
}

TEST_CASE_FIXTURE(Sets, "audit: what was fixed of a conversation, or a message of it, that cannot be read") {
  for (const int element : {1, 2}) {
    spoil(store, "c:" + waiting, element);
    finds("record.unreadable");
    CHECK(store.call("read_messages", {{"conversation", waiting}}).at("messages").as_array().size() == 1);
  }
  by_owner("resolve", active);
  accept("ani", offers("ani").front());
  CHECK(offered_to(waiting) == "ani");
}

TEST_CASE_FIXTURE(Sets, "audit: sets that are larger than one call may check") {
  for (int i = 0; i < 40; ++i) {
    const auto ghost = "ghost-" + std::to_string(i);
    damage({"SADD", "avail:service", ghost});
    damage({"ZADD", "free:service:email", "1", ghost});
    damage({"ZADD", "lane:service:email:normal:120:", "1", ghost});
    damage({"HSET", "holds", "c_" + ghost, ghost});
  }
  repair(10);
}

}  // namespace peyk::test
