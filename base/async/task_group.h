// Background work with an owner: tasks are counted, named, logged when they fail, and ended together.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace peyk {

namespace asio = boost::asio;

/// Owns coroutines that nobody awaits one by one. One thread: all calls on the executor's thread.
///
/// A task that ends by an exception is logged with its name; it ends only itself. Tasks obey total, partial and
/// terminal cancellation. What a cancelled task awaits ends early, and each further `co_await` in it throws
/// `operation_aborted`, which ends it quietly; a task that must await something while it cleans up calls
/// `co_await asio::this_coro::reset_cancellation_state()` first.
///
/// A task may start to run inside `spawn()`. The owner must await `stop()` before the group is destroyed; the
/// destructor asserts that no task is left.
class TaskGroup {
 public:
  TaskGroup(asio::any_io_executor executor, std::string name);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task`. After `cancel()` or `stop()` it is dropped unstarted, which returns false.
  bool spawn(std::string_view name, asio::awaitable<void> task);

  /// Asks every task to end; returns at once.
  void cancel();

  /// Cancels and waits until no task is left, even when the caller is cancelled meanwhile. Never await it from a task
  /// of the same group.
  asio::awaitable<void> stop();

  /// Waits until no task is left without cancelling, for at most as long as the caller's own deadline.
  asio::awaitable<void> join();

  std::size_t size() const;
  asio::any_io_executor executor() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace peyk
