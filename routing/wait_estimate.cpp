#include "routing/wait_estimate.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "routing/types.h"

namespace peyk::routing {
namespace {

constexpr double kMemory = 0.05;              // weight of the newest in a moving mean
constexpr int kEnoughEnds = 10;               // before rates are trusted
constexpr int kLongestSum = 10'000;           // positions summed one by one; further ones add as much as the last
constexpr std::size_t kRemembered = 100'000;  // conversations followed; beyond, the new ones are not measured
constexpr double kHalf = 0.0;                 // standard normal quantiles of 50 and 90 %
constexpr double kNineTenths = 1.2815515655446004;

/// Wilson and Hilferty's cube-root approximation of the gamma quantile (PNAS 17, 1931).
double gamma_quantile(double mean, double variance, double normal) {
  const double shape = mean * mean / variance;
  const double root = 1.0 - 1.0 / (9.0 * shape) + normal / (3.0 * std::sqrt(shape));
  return mean * std::pow(std::max(root, 0.0), 3.0);
}

double seconds(Milliseconds duration) {
  return static_cast<double>(duration.count()) / 1000.0;
}

/// A mean that forgets.
class MovingMean {
 public:
  void add(double value) {
    ++count_;
    const double weight = std::max(kMemory, 1.0 / count_);
    mean_ += weight * (value - mean_);
  }
  double value() const { return mean_; }
  int count() const { return static_cast<int>(std::min(count_, 1e9)); }

 private:
  double mean_ = 0;
  double count_ = 0;
};

struct Followed {
  QueueName queue;
  Time queued_at;
  std::optional<Time> assigned_at;
  double said_p50 = -1;
  bool waits = false;
};

struct QueueMeasure {
  MovingMean handling;  // seconds from assignment to the end
  MovingMean waits;     // of those taken
  MovingMean in_queue;  // of all, until they were taken or left
  MovingMean errors;    // |said - came true|
  MovingMean left;      // 1 for a customer who ended his wait himself, 0 for one who was taken
  int working = 0;
  int waiting = 0;
  double last_wait = -1;
};

class EventEstimator : public WaitEstimator {
 public:
  void observe(const Event& event) override {
    if (event.type == "conversation.created" || event.type == "conversation.reopened") on_come(event);
    if (event.type == "conversation.updated" && event.cause == "lost") on_come(event);
    if (event.type == "conversation.transferred") on_passed_on(event);
    if (event.type == "conversation.queued") on_queued(event);
    if (event.type == "conversation.assigned") on_assigned(event);
    if (event.type == "conversation.resolved" || event.type == "conversation.closed") on_ended(event);
    if (event.type == "conversation.pending" || event.type == "conversation.snoozed") on_ended(event);
  }

  std::optional<WaitEstimate> estimate(const QueueName& queue, int position) const override {
    const auto found = queues_.find(queue);
    if (found == queues_.end()) return std::nullopt;
    const auto& measure = found->second;
    if (measure.handling.count() >= kEnoughEnds && measure.working > 0) {
      return estimate_wait(
          {static_cast<double>(measure.working), 1.0 / std::max(measure.handling.value(), 0.001), abandonment(measure)},
          position);
    }
    if (measure.last_wait < 0) return std::nullopt;
    return WaitEstimate{measure.last_wait, 2 * measure.last_wait};
  }

  std::optional<WaitEstimate> newcomer(const QueueName& queue) const override {
    const auto found = queues_.find(queue);
    if (found == queues_.end() || found->second.waiting == 0) return std::nullopt;
    return estimate(queue, found->second.waiting + 1);
  }

  double error_ratio(const QueueName& queue) const override {
    const auto found = queues_.find(queue);
    if (found == queues_.end() || found->second.errors.count() == 0) return 0;
    return found->second.errors.value() / std::max(found->second.waits.value(), 0.001);
  }

 private:
  static double abandonment(const QueueMeasure& measure) {
    return measure.in_queue.value() > 0 ? measure.left.value() / measure.in_queue.value() : 0;
  }

  /// Here, and perhaps offered at once: it works from its assignment on, but did not wait in the queue.
  void on_come(const Event& event) {
    if (followed_.size() >= kRemembered) return;
    auto& followed = followed_[event.conversation];
    leave(followed);
    followed.queue = QueueName(std::string(event.get("queue")));
  }

  void on_queued(const Event& event) {
    on_come(event);
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    auto& measure = queues_[followed.queue];
    followed.queued_at = event.at;
    followed.waits = true;
    ++measure.waiting;
    const auto said = estimate(followed.queue, measure.waiting);
    followed.said_p50 = said ? said->p50 : -1;
  }

  void on_assigned(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    auto& measure = queues_[followed.queue];
    if (followed.waits) {
      const double waited = seconds(event.at - followed.queued_at);
      measure.waits.add(waited);
      measure.in_queue.add(waited);
      measure.left.add(0);
      measure.last_wait = waited;
      if (followed.said_p50 >= 0) measure.errors.add(std::abs(followed.said_p50 - waited));
    }
    leave(followed);
    ++measure.working;
    followed.assigned_at = event.at;
  }

  /// The event names the new queue already; whose time it took is known from before.
  void on_passed_on(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    if (followed.assigned_at) queues_[followed.queue].handling.add(seconds(event.at - *followed.assigned_at));
    leave(followed);
    followed.queue = QueueName(std::string(event.get("queue")));
  }

  void on_ended(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    auto& measure = queues_[followed.queue];
    if (followed.assigned_at) measure.handling.add(seconds(event.at - *followed.assigned_at));
    if (followed.waits && event.actor.starts_with("customer")) {
      measure.in_queue.add(seconds(event.at - followed.queued_at));
      measure.left.add(1);
    }
    leave(followed);
    followed_.erase(found);
  }

  void leave(Followed& followed) {
    if (followed.waits) --queues_[followed.queue].waiting;
    if (followed.assigned_at) --queues_[followed.queue].working;
    followed.waits = false;
    followed.assigned_at.reset();
  }

  std::unordered_map<QueueName, QueueMeasure> queues_;
  std::unordered_map<ConversationId, Followed> followed_;
};

}  // namespace

std::optional<WaitEstimate> estimate_wait(const ServiceRates& rates, int position) {
  const double served = rates.servers * rates.service;
  if (served <= 0 || position < 1) return std::nullopt;
  double mean = 0;
  double variance = 0;
  const int summed = std::min(position, kLongestSum);
  for (int i = 0; i < summed; ++i) {
    const double step = 1.0 / (served + i * rates.abandonment);
    mean += step;
    variance += step * step;
  }
  if (position > summed) mean += (position - summed) / (served + summed * rates.abandonment);
  return WaitEstimate{gamma_quantile(mean, variance, kHalf), gamma_quantile(mean, variance, kNineTenths)};
}

std::unique_ptr<WaitEstimator> create_wait_estimator() {
  return std::make_unique<EventEstimator>();
}

}  // namespace peyk::routing
