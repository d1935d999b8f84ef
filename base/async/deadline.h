// An operation that must end in time.
#pragma once

#include <chrono>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace peyk {

namespace asio = boost::asio;

/// Runs `operation`, and cancels it when `limit` has passed first: then `ErrorCode::timeout`. The caller's own
/// cancellation reaches the operation. An exception of the operation is passed on. (Built on
/// `parallel_group(wait_for_one)`: `op || timer` would lose the exception, and Boost 1.81 has no `cancel_after`.)
template <typename T>
asio::awaitable<Result<T>> with_deadline(std::chrono::steady_clock::duration limit,
                                         asio::awaitable<Result<T>> operation);

/// Waits; returns false when cancelled meanwhile.
asio::awaitable<bool> sleep_for(std::chrono::steady_clock::duration duration);

}  // namespace peyk

#include "base/async/deadline_impl.h"
