// Planted damage: the audit names each kind, mends it, and then finds nothing.
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {

TEST_CASE_FIXTURE(Damaged, "audit: a conversation that waits in no lane") {
  damage({"DEL", "lane:service:email:normal:120:"});
  finds("limbo.lane");
}

TEST_CASE_FIXTURE(Damaged, "audit: a lane that nobody sees") {
  damage({"DEL", "heads:service:email:normal:120"});
  finds("heads.wrong");
  damage({"DEL", "busyq"});
  finds("heads.wrong");
}

TEST_CASE_FIXTURE(Damaged, "audit: an entry of a lane without a conversation, and of one that does not wait") {
  damage({"ZADD", "lane:service:email:normal:120:", "1", "c_ghost"});
  finds("lane.stray");
  damage({"ZADD", "lane:service:email:normal:120:", "2", active});
  finds("lane.stray");
}

TEST_CASE_FIXTURE(Damaged, "audit: what may be offered to one more, found by nobody who comes free") {
  auto queue = standard_queue("service");
  queue["offer"].as_object()["parallel"] = 3;
  store.call("roster_queue", queue);
  available({.name = "bob", .capacity = 200});
  REQUIRE(offers("bob").size() == 1);
  REQUIRE(offered_to(waiting) == "bob");
  damage({"DEL", "lane:+service:email:normal:120:"});
  finds("limbo.lane");
  damage({"DEL", "busyq"});
  finds("heads.wrong");
  damage({"ZADD", "lane:+service:email:normal:120:", "1", active});
  finds("lane.stray");
  available({.name = "cem"});
  CHECK_FALSE(offers("cem").empty());
}

TEST_CASE_FIXTURE(Damaged, "audit: an offer that is gone: the conversation is routed again") {
  damage({"DEL", "o:" + offers("ani").front()});
  finds("limbo.offer");
  CHECK(offered_to(offered) == "ani");
}

TEST_CASE_FIXTURE(Damaged, "audit: an offer without a deadline ends") {
  damage({"ZREM", "timers:fast", "o|" + offers("ani").front()});
  finds("timer.offer");
}

TEST_CASE_FIXTURE(Damaged, "audit: an agent who is not counted, and one who is counted in the wrong state") {
  damage({"ZREM", "state:available", "ani"});
  finds("state.lost");
  damage({"ZADD", "state:busy", "1", "ani"});
  finds("state.stray");
  damage({"ZADD", "state:away", "1", "ghost"});
  finds("state.stray");
  CHECK(number_of(store.call("read_states").at("agents").as_object(), "available") == 1);
}

TEST_CASE_FIXTURE(Damaged, "audit: a load that is not what he carries") {
  change("a:ani", "l.email", "0");
  finds("load.wrong");
  CHECK(number_of(agent("ani"), "load") == 200);
  change("a:ani", "d.email", "100");
  finds("load.wrong");
}

TEST_CASE_FIXTURE(Damaged, "audit: an owned conversation that is in nobody's list") {
  damage({"DEL", "work:ani"});
  finds("work.lost");
}

TEST_CASE_FIXTURE(Damaged, "audit: an owner who does not exist") {
  change("c:" + active, "ow", "\"ghost\"");
  finds("limbo.owner");
  CHECK(text_of(conversation(active), "agent").empty());
}

TEST_CASE_FIXTURE(Damaged, "audit: no next step, and a timer that is gone or wrong") {
  change("c:" + waiting, "nx", "");
  finds("limbo.next");
  damage({"ZREM", "timers:bulk", "x|" + waiting});
  finds("timer.lost");
  damage({"ZADD", "timers:bulk", "1", "x|" + waiting});
  finds("timer.wrong");
}

TEST_CASE_FIXTURE(Damaged, "audit: free though full, and not free though he has room") {
  damage({"ZADD", "free:service:email", "1", "ani"});
  finds("free.wrong");
  by_owner("resolve", active);
  damage({"ZREM", "free:service:chat", "ani"});
  damage({"DEL", "free:service:email"});
  store.settle();
}

TEST_CASE_FIXTURE(Damaged, "audit: an agent among those ruled out by what does not hold, and not by what does") {
  damage({"SADD", "out:email:max", "ani"});
  finds("out.wrong");
  damage({"SADD", "out:break", "ani"});
  finds("out.wrong");
}

TEST_CASE_FIXTURE(Damaged, "audit: what it asks for in the end is not indexed, or that of one that does not wait") {
  const json::object asks{{"prefer", json::array{json::object{{"skills", {{"hy", 9}}}, {"for", 60'000}}}}};
  arrive("email", asks);
  damage({"DEL", "wider:service"});
  finds("wider.wrong");
  damage({"ZADD", "wider:service", "0", "email:normal:120~hy=9~~" + active});
  finds("wider.stray");
}

TEST_CASE_FIXTURE(Damaged, "audit: an index without the conversation, and with one too many") {
  damage({"ZREM", "in:waiting:service:email", waiting});
  finds("index.lost");
  damage({"ZADD", "in:active:service:email", "1", waiting});
  finds("index.stray");
}

TEST_CASE_FIXTURE(Damaged, "audit: an answer that would never leave") {
  for (const auto* message : {"m_one", "m_two"}) {
    by_owner("reply", active, {{"key", message}, {"message", message}, {"channel", "email"}});
  }
  REQUIRE(audit().empty());
  damage({"DEL", "ob:m_two"});
  finds("outbox.lost");
  damage({"ZREM", "outbox", "m_one"});
  finds("outbox.stuck");
  damage({"DEL", "ob:m_one"});
  finds("outbox.lost");
  for (const auto* message : {"ob:m_one", "ob:m_two"}) {
    damage({"HDEL", message, "to"});
    finds("outbox.lost");
  }
  damage({"HSET", "ob:m_ghost", "try", "0"});
  finds("outbox.stray");
  damage({"DEL", "obq:" + active});
  finds("outbox.stray");
  for (const auto* message : {"m_one", "m_two"}) {
    const auto claimed = store.call("outbox_claim", {{"limit", 5}, {"lease", 1000}}).at("entries").as_array();
    REQUIRE(claimed.size() == 1);
    CHECK(text_of(claimed.at(0).as_object(), "id") == message);
    store.call("outbox_mark", {{"id", message}, {"attempt", claimed.at(0).at("attempt")}, {"result", "sent"}});
  }
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Damaged, "what a script broke off over is said at every tick, until an audit has mended it") {
  damage({"DEL", "in:waiting:service:form"});
  damage({"SET", "in:waiting:service:form", "no index"});
  const auto reply = store.raw("receive",
                               {{"conversation", "c_x"},
                                {"message", "m_x"},
                                {"contact", "p_x"},
                                {"token", "t"},
                                {"delivery_key", "x"},
                                {"channel", "form"},
                                {"kind", "form"},
                                {"sender", {{"kind", "email"}, {"value", "x@x"}}},
                                {"class", {{"queue", "service"}, {"priority", "normal"}, {"promise_s", 120}}}},
                               "{}");
  REQUIRE(text_of(reply, "error") == "internal");
  CHECK(number_of(store.call("timers"), "suspect") > 0);
  damage({"DEL", "in:waiting:service:form"});
  audit();
  CHECK(number_of(store.call("timers"), "suspect") > 0);
  audit(true);
  CHECK_FALSE(store.call("timers").contains("suspect"));
}

TEST_CASE_FIXTURE(Damaged,
                  "what is routed in a queue that is not there is said at every tick, until an audit found it one") {
  damage({"HDEL", "queues", "service"});
  damage({"DEL", "agents:service"});
  forget_roster();
  store.call("withdraw", {{"conversation", offered}, {"actor", actor("ani")}});
  CHECK(number_of(store.call("timers"), "suspect") == 1);
  finds("queue.lost");
  CHECK_FALSE(store.call("timers").contains("suspect"));
}

TEST_CASE_FIXTURE(Damaged, "audit: a lease that never ends") {
  damage({"ZREM", "timers:fast", "l|ani"});
  finds("timer.lease");
}

TEST_CASE_FIXTURE(Damaged, "audit: a count of messages that is not theirs, and messages that are lost") {
  change("c:" + waiting, "n", "7");
  finds("messages.count");
  damage({"LTRIM", "c:" + waiting, "0", "0"});
  finds("messages.lost");
}

}  // namespace peyk::test
