// A condition that coroutines wait for.
#pragma once

#include <chrono>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

namespace peyk {

namespace asio = boost::asio;

/// `notify()` wakes every coroutine that waits now. One thread. Whoever wakes looks again at what it waited for.
class Event {
 public:
  explicit Event(asio::any_io_executor executor);
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void notify();

  /// Until the next `notify()`, or `limit`, or cancellation. True when notified.
  asio::awaitable<bool> wait(std::chrono::steady_clock::duration limit = std::chrono::hours(24));

 private:
  // Each waiter has a timer of its own, since one cancelled waiter must not look like a notice. A waiter unlinks
  // itself when its coroutine is destroyed, whichever of the two goes first.
  struct Waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    bool notified = false;
  };

  asio::any_io_executor executor_;
  boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiters_;
};

}  // namespace peyk
