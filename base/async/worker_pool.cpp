#include "base/async/worker_pool.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace peyk {

WorkerPool::~WorkerPool() {
  pool_.stop();
  pool_.join();
}

asio::awaitable<void> WorkerPool::run_job(std::function<void()> job) {
  // `co_spawn` on the pool would let the caller's cancellation touch the coroutine's state from another thread.
  auto initiate = [this](auto handler, std::function<void()> work) {
    auto executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    asio::post(pool_,
               [handler = std::move(handler), work = std::move(work), executor, guard = std::move(guard)]() mutable {
                 work();
                 asio::post(executor, std::move(handler));
               });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiate, asio::use_awaitable, std::move(job));
}

}  // namespace peyk
