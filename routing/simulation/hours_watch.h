// When queues are told that they opened, closed, or make wait longer; as the daemon's timekeeper tells them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "routing/queue_states.h"
#include "routing/simulation/batch.h"

namespace peyk::routing::simulation {

class HoursWatch {
 public:
  explicit HoursWatch(SettingsPtr settings);

  /// The queues a rule of which asks for the estimated wait, as a JSON array: it is measured there. Empty: there are
  /// none.
  const std::string& measured() const { return measured_; }
  void observe(const Event& event);
  /// How these queues stand at `now`, as `read_queues` answers: who waits, is worked on, is free. To be told before
  /// each look.
  void count(const boost::json::object& queues, Time now);
  /// What queues are told at `now`.
  std::vector<Call> look(Time now);
  /// When to look next after `now`: at the daemon's pace where a rule asks for the estimated wait, else when the
  /// next queue opens or closes; none: never.
  std::optional<Time> next(Time now);

 private:
  SettingsPtr settings_;
  std::string measured_;
  std::unique_ptr<WaitEstimator> waits_ = create_wait_estimator();
  QueueStates queues_;
};

}  // namespace peyk::routing::simulation
