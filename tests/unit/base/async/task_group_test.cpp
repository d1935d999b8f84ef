// Tasks that fail, run for ever or clean up, and the group's stop and join.
#include "base/async/task_group.h"

#include <stdexcept>
#include <string>

#include <boost/asio/this_coro.hpp>
#include <doctest/doctest.h>

#include "base/async/deadline.h"
#include "tests/support/log_capture.h"
#include "tests/support/loop.h"

using namespace std::chrono_literals;

namespace peyk {
namespace {

asio::awaitable<void> fail_with(std::string text) {
  throw std::runtime_error(text);
  co_return;
}

asio::awaitable<void> sleep_long(bool* cancelled) {
  const bool slept = co_await sleep_for(1h);
  *cancelled = !slept;
}

asio::awaitable<void> sleep_short() {
  co_await sleep_for(5ms);
}

asio::awaitable<void> loop_forever() {
  for (;;) co_await sleep_for(1h);
}

/// Waits once more after its cancellation, to leave things tidy.
asio::awaitable<void> clean_up(bool* cleaned) {
  co_await sleep_for(1h);
  co_await asio::this_coro::reset_cancellation_state();
  *cleaned = co_await sleep_for(5ms);
}

asio::awaitable<void> stop(TaskGroup& group) {
  co_await group.stop();
}
asio::awaitable<void> join(TaskGroup& group) {
  co_await group.join();
}

asio::awaitable<void> stop_and_note(TaskGroup& group, bool* stopped) {
  co_await group.stop();
  *stopped = true;
}

struct Fixture {
  test::Loop loop;
  TaskGroup group{loop.executor(), "workers"};
};

TEST_CASE_FIXTURE(Fixture, "a task that throws is logged by name and ends only itself") {
  const test::LogCapture log;
  bool cancelled = false;
  group.spawn("sleeper", sleep_long(&cancelled));
  group.spawn("bad", fail_with("no more paper"));
  loop.run_for(1ms);
  CHECK(log.text().find("task.failed group=workers task=bad error=\"no more paper\"") != std::string::npos);
  CHECK(group.size() == 1);
  loop.run(stop(group));
  CHECK(cancelled);
}

TEST_CASE_FIXTURE(Fixture, "stop ends tasks that would run for ever, and logs nothing") {
  const test::LogCapture log;
  group.spawn("forever", loop_forever());
  group.spawn("forever", loop_forever());
  loop.run_for(1ms);
  loop.run(stop(group));
  CHECK(group.size() == 0);
  CHECK(log.text().empty());
}

TEST_CASE_FIXTURE(Fixture, "a task that cleans up after its cancellation is waited for") {
  bool cleaned = false;
  group.spawn("tidy", clean_up(&cleaned));
  loop.run_for(1ms);
  loop.run(stop(group));
  CHECK(cleaned);
}

TEST_CASE_FIXTURE(Fixture, "nothing starts after the stop") {
  bool cancelled = false;
  loop.run(stop(group));
  CHECK_FALSE(group.spawn("late", sleep_long(&cancelled)));
  loop.run_for(1ms);
  CHECK_FALSE(cancelled);
}

TEST_CASE_FIXTURE(Fixture, "two may wait for the same stop") {
  TaskGroup others(loop.executor(), "others");
  bool cleaned = false;
  bool first = false;
  bool second = false;
  group.spawn("tidy", clean_up(&cleaned));
  others.spawn("first", stop_and_note(group, &first));
  others.spawn("second", stop_and_note(group, &second));
  loop.run_for(1ms);
  CHECK_FALSE(first);
  loop.run(join(others));
  CHECK(cleaned);
  CHECK(first);
  CHECK(second);
}

TEST_CASE_FIXTURE(Fixture, "a stop that is itself cancelled still waits for the tasks") {
  TaskGroup others(loop.executor(), "others");
  bool cleaned = false;
  bool stopped = false;
  group.spawn("tidy", clean_up(&cleaned));
  others.spawn("stops", stop_and_note(group, &stopped));
  loop.run_for(1ms);
  loop.run(stop(others));
  CHECK(cleaned);
  CHECK(stopped);
}

TEST_CASE_FIXTURE(Fixture, "join waits without cancelling") {
  group.spawn("short", sleep_short());
  loop.run(join(group));
  CHECK(group.size() == 0);
  CHECK(group.spawn("again", sleep_short()));
  loop.run(join(group));
}

}  // namespace
}  // namespace peyk
