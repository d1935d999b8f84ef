// Invariant 6: nothing waits beside somebody who could take it. What time has still to look at is no finding.
#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Room : StoreFixture {
  std::string waiting;

  /// Ani is there and has learnt what it asks for; nobody has looked at her again.
  void learn(json::object queue = standard_queue("service")) {
    store.call("roster_queue", std::move(queue));
    available({.name = "ani"});
    waiting = text_of(arrive("email", {{"require", {{"hy", 1}}}}), "conversation");
    add({.name = "ani", .skills = {{"hy", 2}}});
  }
  std::vector<std::string> codes(const json::array& findings) {
    std::vector<std::string> list;
    for (const auto& finding : findings) list.push_back(text_of(finding.as_object(), "code"));
    return list;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Room, "audit: what waits beside somebody who could take it is offered to him") {
  learn();
  REQUIRE(state(waiting) == "waiting");
  CHECK(audit().empty());  // she is to be looked at
  store.command({"DEL", store.key("sweep")});
  CHECK(codes(audit()) == std::vector<std::string>{"room.unused"});
  CHECK(state(waiting) == "waiting");
  CHECK(codes(audit(true)) == std::vector<std::string>{"room.unused"});
  CHECK(offered_to(waiting) == "ani");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Room, "audit: what others were offered, and he could be asked too") {
  auto queue = standard_queue("service");
  queue["offer"].as_object()["parallel"] = 2;
  available({.name = "bob", .skills = {{"hy", 1}}});
  learn(std::move(queue));
  REQUIRE(state(waiting) == "offered");
  store.command({"DEL", store.key("sweep")});
  CHECK(codes(audit(true)) == std::vector<std::string>{"room.unused"});
  CHECK(offers("ani").size() == 1);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Room, "audit: who declined it has room all the same until time has looked at his cool-down's end") {
  available({.name = "ani"});
  waiting = text_of(arrive(), "conversation");
  store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offers("ani").front()}});
  REQUIRE(state(waiting) == "waiting");
  CHECK(audit().empty());
  store.now += 3'600'000;
  CHECK(codes(audit()).empty());
}

}  // namespace peyk::test
