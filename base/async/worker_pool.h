// Threads for work that would block the loop: password hashes, MIME and HTML of large mails, fsync.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

namespace peyk {

namespace asio = boost::asio;

/// A few threads. Destroy it before the `io_context` of those who wait for its work; the destructor waits for the
/// work that runs and drops what is queued.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads) : pool_(threads) {}
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Runs `work()` on a thread of the pool and returns its result on the caller's executor. `work` must own all that
  /// it touches. It cannot be cancelled: a cancelled caller goes on waiting for it, and notices after. Its exceptions
  /// are passed on.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work&>> run(Work work) {
    using T = std::invoke_result_t<Work&>;
    const auto job = std::make_shared<Job<Work>>(std::move(work));
    co_await run_job([job] { job->run(); });
    if (job->exception) std::rethrow_exception(job->exception);
    if constexpr (!std::is_void_v<T>) co_return std::move(*job->result);
  }

  /// Begins no further work; for the very end, when nobody waits for queued work any more.
  void stop() { pool_.stop(); }

 private:
  template <typename Work>
  struct Job {
    using T = std::invoke_result_t<Work&>;
    explicit Job(Work wanted) : work(std::move(wanted)) {}

    void run() {
      try {
        if constexpr (std::is_void_v<T>) {
          work();
        } else {
          result.emplace(work());
        }
      } catch (...) {
        exception = std::current_exception();  // rethrown in the caller
      }
    }

    Work work;
    std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> result;
    std::exception_ptr exception;
  };

  asio::awaitable<void> run_job(std::function<void()> job);

  asio::thread_pool pool_;
};

}  // namespace peyk
