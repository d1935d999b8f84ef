#include "base/async/deadline.h"

#include <array>
#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace peyk {
namespace {

bool is_abort(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;  // the caller passes it on
  }
}

/// A spawned coroutine hears terminal cancellation alone unless it says otherwise.
asio::awaitable<void> hear_all_cancellation(asio::awaitable<void> operation) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await std::move(operation);
}

}  // namespace

namespace detail {

asio::awaitable<Ended> run_with_deadline(std::chrono::steady_clock::duration limit, asio::awaitable<void> operation) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, limit);
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(executor, hear_all_cancellation(std::move(operation)), asio::deferred),
      timer.async_wait(asio::deferred));
  const auto ended = co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const auto& order = std::get<0>(ended);
  const auto& exception = std::get<1>(ended);
  const bool timer_was_first = order[0] == 1 && !std::get<2>(ended);
  if (exception && !is_abort(exception)) std::rethrow_exception(exception);
  if (timer_was_first) co_return Ended::timed_out;
  co_return exception ? Ended::cancelled : Ended::done;
}

}  // namespace detail

asio::awaitable<bool> sleep_for(std::chrono::steady_clock::duration duration) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, duration);
  const auto ended = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !std::get<0>(ended);
}

}  // namespace peyk
