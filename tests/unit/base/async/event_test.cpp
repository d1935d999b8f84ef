// Notices wake those who wait, and nobody later.
#include "base/async/event.h"

#include <exception>
#include <memory>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include "base/async/task_group.h"
#include "tests/support/loop.h"

using namespace std::chrono_literals;

namespace peyk {
namespace {

asio::awaitable<void> wait_once(Event& event, std::optional<bool>* notified) {
  const bool woken = co_await event.wait();
  *notified = woken;
}

asio::awaitable<void> join(TaskGroup& group) {
  co_await group.join();
}
asio::awaitable<void> stop(TaskGroup& group) {
  co_await group.stop();
}

asio::awaitable<void> wait_forever(Event& event) {
  co_await event.wait();
}

struct Fixture {
  test::Loop loop;
  TaskGroup group{loop.executor(), "test"};
  std::optional<bool> first;
  std::optional<bool> second;
};

TEST_CASE_FIXTURE(Fixture, "notify wakes all who wait") {
  Event event(loop.executor());
  group.spawn("first", wait_once(event, &first));
  group.spawn("second", wait_once(event, &second));
  loop.run_for(1ms);
  event.notify();
  loop.run(join(group));
  CHECK(first == true);
  CHECK(second == true);
}

TEST_CASE_FIXTURE(Fixture, "a notice that nobody waits for is not kept") {
  Event event(loop.executor());
  event.notify();
  const bool notified = loop.run(event.wait(1ms));
  CHECK_FALSE(notified);
}

TEST_CASE_FIXTURE(Fixture, "a cancelled waiter was not notified, and the next notice does not reach for it") {
  Event event(loop.executor());
  group.spawn("first", wait_once(event, &first));
  loop.run_for(1ms);
  loop.run(stop(group));
  event.notify();
  CHECK(first == false);
}

TEST_CASE("an event may end before its waiters and after them") {
  std::optional<Event> event;
  {
    test::Loop loop;
    event.emplace(loop.executor());
    asio::co_spawn(loop.context(), wait_forever(*event), [](const std::exception_ptr&) {});
    loop.run_for(1ms);
  }
  event->notify();

  test::Loop loop;
  event.emplace(loop.executor());
  asio::co_spawn(loop.context(), wait_forever(*event), [](const std::exception_ptr&) {});
  loop.run_for(1ms);
  event.reset();
}

}  // namespace
}  // namespace peyk
