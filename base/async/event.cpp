#include "base/async/event.h"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace peyk {

Event::Event(asio::any_io_executor executor) : executor_(std::move(executor)) {}

void Event::notify() {
  while (!waiters_.empty()) {
    Waiter& waiter = waiters_.front();
    waiters_.pop_front();
    waiter.notified = true;
    waiter.timer.cancel();
  }
}

asio::awaitable<bool> Event::wait(std::chrono::steady_clock::duration limit) {
  Waiter waiter(executor_);
  waiter.timer.expires_after(limit);
  waiters_.push_back(waiter);
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return waiter.notified;
}

}  // namespace peyk
