// Listeners that come and go, also while they are called.
#include "routing/listeners.h"

#include <string>

#include <doctest/doctest.h>

namespace peyk::routing {

TEST_CASE("every listener is called, in the order of coming, until his subscription ends") {
  Listeners<int> listeners;
  std::string calls;
  const auto first = listeners.add([&](int n) { calls += "a" + std::to_string(n); });
  auto second = listeners.add([&](int n) { calls += "b" + std::to_string(n); });
  listeners.call(1);
  second.reset();
  listeners.call(2);
  CHECK(calls == "a1b1a2");
}

TEST_CASE("a listener may end his own subscription, and bring another one, while he is called") {
  Listeners<> listeners;
  int calls = 0;
  int late_calls = 0;
  std::unique_ptr<EventFeed::Subscription> late;
  std::unique_ptr<EventFeed::Subscription> self;
  self = listeners.add([&] {
    ++calls;
    late = listeners.add([&] { ++late_calls; });
    self.reset();
  });
  listeners.call();
  CHECK(calls == 1);
  CHECK(late_calls == 0);
  listeners.call();
  CHECK(calls == 1);
  CHECK(late_calls == 1);
}

TEST_CASE("a subscription may outlive those it was made with") {
  std::unique_ptr<EventFeed::Subscription> subscription;
  {
    Listeners<> listeners;
    subscription = listeners.add([] {});
  }
  subscription.reset();
}

}  // namespace peyk::routing
