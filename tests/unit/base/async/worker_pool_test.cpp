// Work on other threads: its results, exceptions and cancelled callers.
#include "base/async/worker_pool.h"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "tests/support/loop.h"

using namespace std::chrono_literals;

namespace peyk {
namespace {

struct Fixture {
  test::Loop loop;
  WorkerPool pool{2};
};

asio::awaitable<void> run_noting_thread(WorkerPool& pool, std::thread::id* worked_on, std::thread::id* resumed_on) {
  *worked_on = co_await pool.run([] { return std::this_thread::get_id(); });
  *resumed_on = std::this_thread::get_id();
}

asio::awaitable<void> run_gated(WorkerPool& pool, std::shared_ptr<std::atomic<bool>> gate, std::string* result) {
  *result = co_await pool.run([gate] {
    gate->wait(false);
    return std::string("worked to the end");
  });
}

asio::awaitable<void> stop(TaskGroup& group) {
  co_await group.stop();
}

TEST_CASE_FIXTURE(Fixture, "work runs on another thread and its caller goes on on his own") {
  std::thread::id worked_on;
  std::thread::id resumed_on;
  loop.run(run_noting_thread(pool, &worked_on, &resumed_on));
  CHECK(worked_on != std::this_thread::get_id());
  CHECK(resumed_on == std::this_thread::get_id());
}

TEST_CASE_FIXTURE(Fixture, "work may have a result that cannot be copied, or none at all") {
  auto number = loop.run(pool.run([] { return std::make_unique<int>(5); }));
  CHECK(*number == 5);
  auto moved_in = [kept = std::make_unique<int>(6)] { return *kept; };
  CHECK(loop.run(pool.run(std::move(moved_in))) == 6);
  bool ran = false;
  loop.run(pool.run([&ran] { ran = true; }));
  CHECK(ran);
}

TEST_CASE_FIXTURE(Fixture, "an exception of the work is passed on") {
  CHECK_THROWS_WITH(loop.run(pool.run([]() -> int { throw std::runtime_error("too hard"); })), "too hard");
}

TEST_CASE_FIXTURE(Fixture, "a cancelled caller waits for the work that runs") {
  TaskGroup group(loop.executor(), "test");
  const auto gate = std::make_shared<std::atomic<bool>>(false);
  std::string result;
  group.spawn("works", run_gated(pool, gate, &result));
  loop.run_for(1ms);
  group.cancel();
  loop.run_for(1ms);
  CHECK(group.size() == 1);
  *gate = true;
  gate->notify_all();
  loop.run(stop(group));
  CHECK(result == "worked to the end");
}

}  // namespace
}  // namespace peyk
