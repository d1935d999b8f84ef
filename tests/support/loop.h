// An io_context of a test's own, which runs one coroutine after another to its end.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace peyk::test {

namespace asio = boost::asio;

/// `loop.run(coroutine(…))` drives the context until the coroutine has ended and returns its result; what else is
/// alive on the context runs meanwhile, and stands still between two runs. An exception of the coroutine comes out of
/// `run`. Declare the loop before everything that uses its executor.
class Loop {
 public:
  asio::io_context& context() { return context_; }
  asio::any_io_executor executor() { return context_.get_executor(); }

  /// Throws when the coroutine has not ended within `limit` (it is cancelled then).
  template <typename T>
  T run(asio::awaitable<T> task, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    const auto value = std::make_shared<Stored<T>>();
    run_to_end(store(std::move(task), value), limit);
    if constexpr (!std::is_void_v<T>) return std::move(**value);
  }

  /// Lets everything run for a time, for what has no event to wait for; what is ready runs however little time there
  /// is.
  void run_for(std::chrono::milliseconds time);

  /// Lets everything run until the condition holds, which is asked again and again; false when it does not within
  /// `limit`, a time far beyond what it should take.
  template <typename Condition>
  bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      run_for(std::chrono::milliseconds(5));
    }
    return true;
  }

 private:
  template <typename T>
  using Stored = std::optional<std::conditional_t<std::is_void_v<T>, bool, T>>;

  template <typename T>
  static asio::awaitable<void> store(asio::awaitable<T> task, std::shared_ptr<Stored<T>> stored) {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
    } else {
      auto value = co_await std::move(task);
      stored->emplace(std::move(value));
    }
  }

  /// The untyped part of `run`, so that co_spawn is not compiled anew for each type in each test.
  void run_to_end(asio::awaitable<void> task, std::chrono::milliseconds limit);

  asio::io_context context_;
};

}  // namespace peyk::test
