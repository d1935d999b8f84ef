// An operation that must end in time.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace peyk {

namespace asio = boost::asio;

namespace detail {

enum class Ended : std::uint8_t { done, timed_out, cancelled };

/// The untyped part: `operation` stores its own result. Throws what it threw.
asio::awaitable<Ended> run_with_deadline(std::chrono::steady_clock::duration limit, asio::awaitable<void> operation);

template <typename T>
asio::awaitable<void> store_result(asio::awaitable<Result<T>> operation, std::optional<Result<T>>& stored) {
  auto result = co_await std::move(operation);
  stored.emplace(std::move(result));
}

}  // namespace detail

/// Runs `operation`, and cancels it when `limit` has passed first: then `ErrorCode::timeout`, unless it succeeded all
/// the same. The caller's own cancellation reaches the operation; if that ends it by `operation_aborted`, the result
/// is `ErrorCode::cancelled`. Any other exception of the operation is passed on. Returns only when the operation has
/// ended, so the operation may refer to what the caller owns. (Built on `parallel_group(wait_for_one)`: `op || timer`
/// would lose the exception, and Boost 1.81 has no `cancel_after`.)
template <typename T>
asio::awaitable<Result<T>> with_deadline(std::chrono::steady_clock::duration limit,
                                         asio::awaitable<Result<T>> operation) {
  std::optional<Result<T>> result;
  const auto ended = co_await detail::run_with_deadline(limit, detail::store_result<T>(std::move(operation), result));
  if (result && (result->has_value() || ended == detail::Ended::done)) co_return std::move(*result);
  if (ended == detail::Ended::timed_out) co_return fail(ErrorCode::timeout, "no answer within the deadline");
  co_return fail(ErrorCode::cancelled, "cancelled while waiting");
}

/// Waits; returns false when cancelled meanwhile.
asio::awaitable<bool> sleep_for(std::chrono::steady_clock::duration duration);

}  // namespace peyk
