// What overflow rules look at and scripts cannot know: whether a queue is closed now, and its estimated wait.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "routing/settings.h"
#include "routing/wait_estimate.h"

namespace peyk::routing {

struct QueueState {
  QueueName queue;
  bool closed = false;
  std::map<ChannelKind, std::int64_t> wait_ms;  // p50 of one who comes now, by kind; 0: none, or not known

  /// Of the script `queue_state`.
  std::string arguments() const;
};

/// Remembers what the store was told. One thread.
class QueueStates {
 public:
  /// Of the queues that have hours or overflow rules, those that are not as they were told; an estimate that moves is
  /// told in steps of a tenth.
  std::vector<QueueState> changed(Settings& settings, const WaitEstimator& waits, Time now) const;
  void told(const QueueState& state);
  /// The store does not know it any more.
  void forget(const QueueName& queue) { told_.erase(queue); }
  /// All are told anew.
  void forget() { told_.clear(); }

 private:
  bool is_news(const QueueState& state) const;

  std::map<QueueName, QueueState> told_;
};

}  // namespace peyk::routing
