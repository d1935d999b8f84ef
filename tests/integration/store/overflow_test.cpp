// Overflow to another queue: each condition, before queueing and after a time in the queue.
#include <algorithm>
#include <functional>

#include <doctest/doctest.h>

#include "tests/support/store.h"
#include "tests/support/stream.h"

namespace peyk::test {
namespace {

struct Overflowing : StoreFixture {
  Overflowing() {
    auto billing = standard_queue("billing");
    billing["offer"].as_object()["timeout"] = 3'600'000;
    store.call("roster_queue", billing);
    available({.name = "mehri", .queues = {"billing"}, .skills = {{"fa", 5}}, .capacity = 10'000});
  }

  /// "service" gets this rule; what it moves has 600 s of promise from then on.
  void rule(json::object when) {
    when["to"] = json::object{{"queue", "billing"}, {"promise_s", 600}};
    auto queue = standard_queue("service");
    queue["overflow"] = json::array{std::move(when)};
    store.call("roster_queue", queue);
  }
  void service_is(json::object state) {
    state["queue"] = "service";
    store.call("queue_state", state);
  }
  std::string comes(json::object asks = {}) { return text_of(arrive("email", std::move(asks)), "conversation"); }
  /// Under a rule that holds after 90 s in the queue.
  std::string comes_to_wait(json::object when) {
    when["after"] = 90'000;
    rule(std::move(when));
    return comes({{"require", {{"fa", 1}}}});
  }
  std::string queue_of(std::string_view id) { return text_of(conversation(id), "queue"); }
  /// Moved: at its old age, with the other queue's promise, and offered there.
  void is_moved(const std::string& id, std::int64_t came) {
    const auto shown = conversation(id);
    CHECK(text_of(shown, "queue") == "billing");
    CHECK(number_of(shown, "promise_s") == 600);
    CHECK(number_of(shown, "age_at") == came);
    CHECK(offered_to(id) == "mehri");
    CHECK(audit().empty());
  }
  /// Time passes, and mehri is there all the while.
  void pass(std::int64_t milliseconds) {
    for (std::int64_t passed = 0; passed < milliseconds; passed += 10'000) {
      store.call("renew", {{"agent", "mehri"}, {"socket", "1"}});
      store.pass(std::min<std::int64_t>(10'000, milliseconds - passed));
    }
  }
  std::int64_t events(std::string_view type) {
    return std::ranges::count(read_stream(store), type, &routing::Event::type);
  }
};

/// A condition: the rule, what makes it hold and what ends it again.
struct Case {
  std::string name;
  json::object when;
  std::function<void(Overflowing&)> begin;
  std::function<void(Overflowing&)> end;
};

std::vector<Case> conditions() {
  return {
      {"hours",
       {{"closed", true}},
       [](Overflowing& at) { at.service_is({{"closed", true}}); },
       [](Overflowing& at) { at.service_is({{"wait_p50", 900'000}}); }},
      {"wait estimate",
       {{"wait", 300'000}},
       [](Overflowing& at) { at.service_is({{"wait_p50", 300'000}}); },
       [](Overflowing& at) { at.service_is({{"wait_p50", 299'999}, {"closed", true}}); }},
      {"length",
       {{"waiting", 3}},
       [](Overflowing& at) {
         for (int i = 0; i < 3; ++i) at.arrive("chat", {{"require", {{"nobody", 1}}}});
       },
       [](Overflowing& at) { at.store.call("resolve", {{"conversation", "c_1"}, {"actor", actor("mehri")}}); }},
      {"nobody rostered",
       {{"nobody", true}},
       [](Overflowing& at) { at.add({.name = "ani"}); },
       [](Overflowing& at) { at.add({.name = "ani", .skills = {{"fa", 1}}}); }},
  };
}

}  // namespace

TEST_CASE("overflow before queueing: to the other queue while it holds, and not when it does not") {
  for (const auto& one : conditions()) {
    CAPTURE(one.name);
    Overflowing at;
    const json::object asks{{"require", {{"fa", 1}}}};
    one.begin(at);
    at.rule(one.when);
    at.is_moved(at.comes(asks), at.store.now);
    one.end(at);
    CHECK(at.queue_of(at.comes(asks)) == "service");
  }
}

TEST_CASE("overflow after a time: when it holds then, to the other queue at its old age; not before that time") {
  for (const auto& one : conditions()) {
    CAPTURE(one.name);
    Overflowing at;
    one.begin(at);
    const auto came = at.store.now;
    const auto id = at.comes_to_wait(one.when);
    at.pass(89'000);
    CHECK(at.queue_of(id) == "service");
    at.pass(1'000);
    at.is_moved(id, came);
  }
}

TEST_CASE("overflow after a time: what holds only later moves it within a minute of that, and is no news until then") {
  for (const auto& one : conditions()) {
    CAPTURE(one.name);
    Overflowing at;
    one.begin(at);
    one.end(at);
    const auto came = at.store.now;
    const auto id = at.comes_to_wait(one.when);
    at.pass(3'600'000);
    CHECK(at.queue_of(id) == "service");
    CHECK(at.events("conversation.relaxed") == 0);
    one.begin(at);
    at.pass(60'000);
    at.is_moved(id, came);
  }
}

TEST_CASE_FIXTURE(Overflowing, "explain knows when a rule with a time comes next, and what it does") {
  const auto came = store.now;
  const auto waits = [this](const std::string& id) {
    return store.call("read_explain", {{"conversation", id}}).at("waiting").as_object();
  };
  const auto plain = waits(comes_to_wait({}));
  CHECK(number_of(plain, "overflows_at") == came + 90'000);
  CHECK(text_of(plain, "overflows_to") == "billing");
  CHECK_FALSE(plain.contains("overflows_if"));
  const auto id = comes_to_wait({{"waiting", 3}});
  CHECK(waits(id).at("overflows_if") == true);
  pass(100'000);  // it came, and there were too few
  CHECK(number_of(waits(id), "overflows_at") == number_of(conversation(id), "next_at"));
}

TEST_CASE_FIXTURE(Overflowing, "a rule whose time came while it was offered moves it when nobody took the offer") {
  available({.name = "ani"});
  auto queue = standard_queue("service");
  queue["offer"].as_object()["timeout"] = 400'000;
  queue["overflow"] =
      json::array{json::object{{"after", 90'000}, {"to", json::object{{"queue", "billing"}, {"promise_s", 600}}}}};
  store.call("roster_queue", queue);
  const auto came = store.now;
  const auto declined = comes();
  const auto withdrawn = comes();
  REQUIRE(offered_to(declined) == "ani");
  REQUIRE(offered_to(withdrawn) == "ani");
  store.now += 91'000;
  store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offers("ani").front()}});
  is_moved(declined, came);
  store.call("withdraw", {{"conversation", withdrawn}, {"actor", actor("sona")}});
  is_moved(withdrawn, came);
}

TEST_CASE_FIXTURE(Overflowing, "what a rule with a time takes to somebody who can have it is no hopeless case") {
  const auto hopeless = [&](const std::string& id) {
    const auto queues = store.call("read_queues", {{"queues", json::array{"service"}}}).at("queues").as_array();
    const bool told = queues.at(0).as_object().contains("unroutable");
    CHECK(store.call("read_explain", {{"conversation", id}}).contains("unroutable") == told);
    return told;
  };
  const auto id = comes({{"require", {{"fa", 3}}}});
  CHECK(hopeless(id));
  rule({{"closed", true}, {"after", 90'000}});
  CHECK_FALSE(hopeless(id));
  add({.name = "mehri", .queues = {"billing"}, .skills = {{"fa", 2}}});
  CHECK(hopeless(id));
  auto billing = standard_queue("billing");
  billing["overflow"] = json::array{json::object{{"nobody", true}, {"to", {{"queue", "cooks"}}}}};
  store.call("roster_queue", standard_queue("cooks"));
  store.call("roster_queue", billing);
  CHECK(hopeless(id));
  add({.name = "cook", .queues = {"cooks"}, .skills = {{"fa", 3}}});
  CHECK_FALSE(hopeless(id));
}

}  // namespace peyk::test
