#include "daemon/drain.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/error.h"

namespace peyk::daemon {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kStep{2'000};
constexpr milliseconds kSteps{6'000};  // all but the store's, which ends a private server in its own time
constexpr milliseconds kLeast{300};    // of a step, when those before it took all the time there was

asio::awaitable<Result<>> bounded(asio::awaitable<void> work) {
  co_await std::move(work);
  co_return Result<>();
}

}  // namespace

Drain::Drain() : until_(steady_clock::now() + kSteps) {}

asio::awaitable<void> Drain::step(std::string_view name, asio::awaitable<void> work) {
  const auto begin = steady_clock::now();
  const auto left = std::chrono::duration_cast<milliseconds>(until_ - begin);
  const auto limit = std::clamp(left, kLeast, kStep);
  const auto done = co_await with_deadline(limit, bounded(std::move(work)));
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  if (done) {
    spdlog::info("drain.step name={} ms={}", name, took.count());
  } else {
    spdlog::warn("drain.cut name={} ms={}", name, took.count());
  }
}

}  // namespace peyk::daemon
