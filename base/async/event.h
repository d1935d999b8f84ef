// A condition that coroutines wait for.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace peyk {

namespace asio = boost::asio;

/// `notify()` wakes every coroutine that waits now. One thread. Whoever wakes looks again at what it waited for.
class Event {
 public:
  explicit Event(asio::any_io_executor executor);

  void notify();

  /// Until the next `notify()`, or `limit`, or cancellation. True when notified.
  asio::awaitable<bool> wait(std::chrono::steady_clock::duration limit = std::chrono::hours(24));

 private:
  asio::steady_timer timer_;
};

}  // namespace peyk
