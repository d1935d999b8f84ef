#include "tests/support/loop.h"

#include <exception>
#include <stdexcept>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace peyk::test {
namespace {

struct Outcome {
  bool done = false;
  std::exception_ptr exception;
};

asio::awaitable<void> obey_all_cancellation(asio::awaitable<void> task) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await std::move(task);
}

void drive(asio::io_context& context, const bool& done, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  context.restart();
  while (!done && context.run_one_until(deadline) > 0) {
  }
}

}  // namespace

void Loop::run_to_end(asio::awaitable<void> task, std::chrono::milliseconds limit) {
  const auto outcome = std::make_shared<Outcome>();
  asio::cancellation_signal cancel;
  auto on_end = [outcome](const std::exception_ptr& exception) {
    outcome->exception = exception;
    outcome->done = true;
  };
  asio::co_spawn(context_, obey_all_cancellation(std::move(task)), asio::bind_cancellation_slot(cancel.slot(), on_end));
  drive(context_, outcome->done, limit);
  if (!outcome->done) {
    cancel.emit(asio::cancellation_type::all);
    drive(context_, outcome->done, std::chrono::seconds(1));
    throw std::runtime_error("the coroutine did not end within its deadline");
  }
  if (outcome->exception) std::rethrow_exception(outcome->exception);
}

void Loop::run_for(std::chrono::milliseconds time) {
  context_.restart();
  context_.poll();
  context_.restart();
  context_.run_for(time);
}

}  // namespace peyk::test
