// The time that a daemon takes to end: each step in its own, all within the drain's.
#pragma once

#include <chrono>
#include <string_view>

#include <boost/asio/awaitable.hpp>

namespace peyk::daemon {

namespace asio = boost::asio;

/// Begins when it is made.
class Drain {
 public:
  Drain();

  /// Runs it for two seconds at most, less when those before it took their time; then it is cancelled. Logged.
  asio::awaitable<void> step(std::string_view name, asio::awaitable<void> work);

 private:
  std::chrono::steady_clock::time_point until_;
};

}  // namespace peyk::daemon
