// Sending again, after a pause, what the daemon refused for now.
#pragma once

#include <functional>

#include "base/async/backoff.h"
#include "base/async/task_group.h"
#include "base/random.h"

namespace peyk::ctl {

/// However often it is asked, one pause runs at a time; pauses grow until something succeeds. One thread.
class Again {
 public:
  /// `act` is called at the end of each pause, on the group's executor. The group's `stop()` ends a pause, and must
  /// come before this is destroyed.
  Again(TaskGroup& tasks, RandomSource& random, std::function<void()> act);

  void soon();
  /// What was sent has been taken: the next pause is a short one.
  void succeeded() { pause_.reset(); }

 private:
  asio::awaitable<void> wait();

  TaskGroup& tasks_;
  Backoff pause_;
  std::function<void()> act_;
  bool waiting_ = false;
};

}  // namespace peyk::ctl
