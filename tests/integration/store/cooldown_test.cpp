// Whoever missed or gave away a conversation does not get it again before his time, by whichever way it comes.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/store.h"

namespace peyk::test {
namespace {

struct Cooling : StoreFixture {
  /// Declined by ani, then accepted by bob.
  std::string declined_then_taken() {
    available({.name = "ani"});
    const auto id = text_of(arrive(), "conversation");
    available({.name = "bob"});
    store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offers("ani").front()}});
    accept("bob", offers("bob").front());
    return id;
  }
  void pass(std::int64_t milliseconds) {
    for (std::int64_t left = milliseconds; left > 0; left -= 10'000) {
      store.call("renew", {{"agent", "ani"}, {"socket", "1"}});
      store.pass(std::min<std::int64_t>(left, 10'000));
    }
  }
};

}  // namespace

TEST_CASE_FIXTURE(Cooling, "who declined it is not asked again before his time though another took it meanwhile") {
  const auto id = declined_then_taken();
  pass(10'000);
  store.call("roster_remove_agent", {{"agent", "bob"}});
  CHECK(state(id) == "waiting");
  pass(49'000);
  CHECK(state(id) == "waiting");
  pass(1'000);
  CHECK(offered_to(id) == "ani");
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Cooling, "somebody took it: the row of who had declined it begins anew") {
  const auto id = declined_then_taken();
  store.call("roster_remove_agent", {{"agent", "bob"}});
  for (int i = 0; i < 2; ++i) {
    pass(59'000);
    CHECK(state(id) == "waiting");
    pass(1'000);
    REQUIRE(offered_to(id) == "ani");
    if (i == 0) store.call("decline", {{"agent", "ani"}, {"actor", actor("ani")}, {"offer", offers("ani").front()}});
  }
}

TEST_CASE_FIXTURE(Cooling,
                  "it was done and opens again: whoever declined it then may have it now, also from its lane") {
  const auto id = declined_then_taken();
  by_owner("resolve", id);
  for (const auto* name : {"ani", "bob"}) {
    store.call("presence", {{"agent", name}, {"actor", actor(name)}, {"state", "away"}});
  }
  const auto sender = conversation(id).at("long").as_object().at("participants").as_array().at(0);
  arrive("email", {}, {{"sender", sender}, {"hint", id}});
  CHECK(state(id) == "waiting");
  available("ani");
  CHECK(offered_to(id) == "ani");
}

}  // namespace peyk::test
