// An io_context of a test's own, which runs one coroutine after another to its end.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

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
    const auto outcome = std::make_shared<Outcome<T>>();
    asio::cancellation_signal cancel;
    auto on_end = [outcome](const std::exception_ptr& exception) {
      outcome->exception = exception;
      outcome->done = true;
    };
    asio::co_spawn(context_, store(std::move(task), outcome), asio::bind_cancellation_slot(cancel.slot(), on_end));
    drive(outcome->done, limit);
    if (!outcome->done) {
      cancel.emit(asio::cancellation_type::all);
      drive(outcome->done, std::chrono::seconds(1));
      throw std::runtime_error("the coroutine did not end within its deadline");
    }
    if (outcome->exception) std::rethrow_exception(outcome->exception);
    if constexpr (!std::is_void_v<T>) return std::move(*outcome->value);
  }

  /// Lets everything run for a time, for what has no event to wait for; what is ready runs however little time there
  /// is.
  void run_for(std::chrono::milliseconds time) {
    context_.restart();
    context_.poll();
    context_.restart();
    context_.run_for(time);
  }

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
  struct Outcome {
    bool done = false;
    std::exception_ptr exception;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
  };

  template <typename T>
  static asio::awaitable<void> store(asio::awaitable<T> task, std::shared_ptr<Outcome<T>> outcome) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
    } else {
      auto value = co_await std::move(task);
      outcome->value.emplace(std::move(value));
    }
  }

  void drive(const bool& done, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    context_.restart();
    while (!done && context_.run_one_until(deadline) > 0) {
    }
  }

  asio::io_context context_;
};

}  // namespace peyk::test
