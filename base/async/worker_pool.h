// Threads for work that would block the loop: password hashes, MIME and HTML of large mails, fsync.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace peyk {

namespace asio = boost::asio;

/// A few threads. The destructor waits for what runs.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads) : pool_(threads) {}

  /// Runs `work()` on a thread of the pool and returns its result on the caller's executor. `work` must own all that
  /// it touches. It cannot be cancelled once it runs; its exceptions are passed on.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work>> run(Work work) {
    co_return co_await asio::co_spawn(pool_, call(std::move(work)), asio::use_awaitable);
  }

  void stop() { pool_.stop(); }

 private:
  template <typename Work>
  static asio::awaitable<std::invoke_result_t<Work>> call(Work work) {
    co_return work();
  }

  asio::thread_pool pool_;
};

}  // namespace peyk
