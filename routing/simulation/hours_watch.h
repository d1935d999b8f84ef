// When queues are told that they opened, closed, or make wait longer; as the daemon's timekeeper tells them.
#pragma once

#include <optional>
#include <vector>

#include "routing/queue_states.h"
#include "routing/simulation/batch.h"

namespace peyk::routing::simulation {

class HoursWatch {
 public:
  explicit HoursWatch(SettingsPtr settings);

  /// Where a rule asks for the estimated wait, it is measured.
  void observe(const Event& event);
  /// What queues are told at `now`.
  std::vector<Call> look(Time now);
  /// When to look next after `now`: at the daemon's pace where a rule asks for the estimated wait, else when the
  /// next queue opens or closes; none: never.
  std::optional<Time> next(Time now);

 private:
  SettingsPtr settings_;
  bool estimates_;
  std::unique_ptr<WaitEstimator> waits_ = create_wait_estimator();
  QueueStates queues_;
};

}  // namespace peyk::routing::simulation
