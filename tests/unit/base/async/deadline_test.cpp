// Operations under a deadline: result, error, time-out and the caller's cancellation are told apart.
#include "base/async/deadline.h"

#include <memory>
#include <stdexcept>
#include <string>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "base/async/task_group.h"
#include "tests/support/loop.h"

using namespace std::chrono_literals;

namespace peyk {
namespace {

/// Neither copied nor made from nothing.
struct Difficult {
  explicit Difficult(int n) : number(std::make_unique<int>(n)) {}
  std::unique_ptr<int> number;
};

asio::awaitable<Result<Difficult>> quick(int number) {
  co_return Difficult(number);
}

asio::awaitable<Result<>> refuse() {
  co_return fail(ErrorCode::not_found, "no such thing");
}

asio::awaitable<Result<>> blow_up() {
  throw std::runtime_error("blown up");
  co_return Result<>{};
}

asio::awaitable<Result<>> wait_long(bool* saw_cancellation) {
  const bool slept = co_await sleep_for(1h);
  *saw_cancellation = !slept;
  co_return Result<>{};
}

/// Ends with a value although it was told to stop.
asio::awaitable<Result<int>> succeed_late() {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await sleep_for(1h);
  co_return 7;
}

asio::awaitable<Result<>> throw_abort() {
  asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
  co_await timer.async_wait(asio::use_awaitable);
  co_return Result<>{};
}

asio::awaitable<Result<>> abort_after_deadline() {
  co_return co_await with_deadline(10ms, throw_abort());
}

asio::awaitable<void> keep(asio::awaitable<Result<>> operation, Result<>* kept) {
  *kept = co_await with_deadline(1h, std::move(operation));
}

asio::awaitable<void> stop(TaskGroup& group) {
  co_await group.stop();
}

TEST_CASE("an operation that ends in time gives its result, of whatever type") {
  test::Loop loop;
  const auto result = loop.run(with_deadline(1h, quick(3)));
  REQUIRE(result.has_value());
  CHECK(*result->number == 3);
}

TEST_CASE("an error of the operation is its own, not a time-out") {
  test::Loop loop;
  const auto result = loop.run(with_deadline(1h, refuse()));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::not_found);
}

TEST_CASE("an exception of the operation is passed on") {
  test::Loop loop;
  Result<> result;
  CHECK_THROWS_WITH(result = loop.run(with_deadline(1h, blow_up())), "blown up");
}

TEST_CASE("an operation that takes too long is cancelled and times out") {
  test::Loop loop;
  const auto result = loop.run(abort_after_deadline());
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::timeout);
}

TEST_CASE("a success that comes with the cancellation stays a success") {
  test::Loop loop;
  const auto result = loop.run(with_deadline(10ms, succeed_late()));
  REQUIRE(result.has_value());
  CHECK(*result == 7);
}

TEST_CASE("a nested deadline ends at the nearer one") {
  test::Loop loop;
  const auto result = loop.run(with_deadline(10ms, with_deadline(1h, throw_abort())));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::timeout);
}

TEST_CASE("the caller's cancellation reaches the operation") {
  test::Loop loop;
  TaskGroup group(loop.executor(), "test");
  bool saw_cancellation = false;
  Result<> kept;
  REQUIRE(group.spawn("waits", keep(wait_long(&saw_cancellation), &kept)));
  loop.run_for(1ms);
  loop.run(stop(group));
  CHECK(saw_cancellation);
}

TEST_CASE("an operation that a cancelled caller ends by an exception is cancelled, not timed out") {
  test::Loop loop;
  TaskGroup group(loop.executor(), "test");
  Result<> kept;
  REQUIRE(group.spawn("waits", keep(throw_abort(), &kept)));
  loop.run_for(1ms);
  loop.run(stop(group));
  REQUIRE_FALSE(kept.has_value());
  CHECK(kept.error().code == ErrorCode::cancelled);
}

TEST_CASE("sleep_for says whether it slept the whole time") {
  test::Loop loop;
  const bool slept = loop.run(sleep_for(1ms));
  CHECK(slept);
}

}  // namespace
}  // namespace peyk
