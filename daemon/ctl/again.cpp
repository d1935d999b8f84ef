#include "daemon/ctl/again.h"

#include <utility>

#include "base/async/deadline.h"

namespace peyk::ctl {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPause = 2s;
constexpr auto kLongestPause = 10s;

}  // namespace

Again::Again(TaskGroup& tasks, RandomSource& random, std::function<void()> act)
    : tasks_(tasks), pause_(kFirstPause, kLongestPause, random), act_(std::move(act)) {}

void Again::soon() {
  if (waiting_) return;
  waiting_ = true;
  tasks_.spawn("again", wait());
}

asio::awaitable<void> Again::wait() {
  const bool waited = co_await sleep_for(pause_.next());
  waiting_ = false;
  if (waited) act_();
}

}  // namespace peyk::ctl
