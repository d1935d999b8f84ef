#include "routing/wait_estimate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "routing/types.h"

namespace peyk::routing {
namespace {

constexpr double kMemory = 0.05;              // weight of the newest in a moving mean
constexpr int kEnoughEnds = 10;               // before rates are trusted
constexpr double kTellingWait = 1;            // s: less says nothing of who comes now
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

using Line = std::pair<QueueName, ChannelKind>;

struct Followed {
  Line line;
  Time came_at;                      // into the line, be it that it was offered at once
  std::optional<Time> served_since;  // by whoever considers it, then by its agent
  double considered_s = 0;           // by those who did not take it
  bool assigned = false;
  double said_p50 = -1;
  bool waits = false;    // since it came, for its first agent or the next
  bool in_line = false;  // as one of those who wait; not while it is offered
};

struct Measure {
  MovingMean handling;  // seconds that agents consider it, and from assignment to the end
  MovingMean in_queue;  // of all who waited, until they were taken, passed on or left
  MovingMean left;      // 1 for a customer who ended his wait himself, 0 for any other
  int served = 0;
  int waiting = 0;
  std::optional<int> free;  // agents; not known before they were counted
  double last_wait = -1;
  double head_wait = -1;  // of the one who waited longest when they were counted
};

struct Accuracy {
  MovingMean waits;   // of those taken
  MovingMean errors;  // |said - came true|
};

class EventEstimator : public WaitEstimator {
 public:
  void observe(const Event& event) override {
    if (event.type == "conversation.transferred") return on_passed_on(event);
    follow(event);
    if (event.type == "conversation.created" || event.type == "conversation.reopened") on_come(event);
    if (event.type == "conversation.updated" && event.cause == "lost") on_lost(event);
    if (event.type == "conversation.queued") on_queued(event);
    if (event.type == "offer.made") on_offered(event);
    if (event.type == "conversation.assigned") on_assigned(event);
    if (event.type == "conversation.resolved" || event.type == "conversation.closed") on_ended(event);
    if (event.type == "conversation.pending" || event.type == "conversation.snoozed") on_ended(event);
  }

  void count(const QueueCount& counted) override {
    auto& measure = lines_[{counted.queue, counted.kind}];
    measure.waiting = counted.waiting;
    measure.served = counted.served;
    measure.free = counted.free;
    measure.head_wait = counted.waiting > 0 ? counted.oldest_age_s : -1;
  }

  std::optional<WaitEstimate> estimate(const QueueName& queue, ChannelKind kind, int position) const override {
    const auto found = lines_.find({queue, kind});
    if (found == lines_.end()) return std::nullopt;
    const auto& measure = found->second;
    if (measure.handling.count() >= kEnoughEnds && measure.served > 0) {
      return estimate_wait(
          {static_cast<double>(measure.served), 1.0 / std::max(measure.handling.value(), 0.001), abandonment(measure)},
          position);
    }
    const double head = std::max(measure.last_wait, measure.head_wait);
    if (head < kTellingWait) return std::nullopt;
    return WaitEstimate{head, 2 * head};
  }

  std::optional<WaitEstimate> newcomer(const QueueName& queue, ChannelKind kind) const override {
    const auto found = lines_.find({queue, kind});
    if (found == lines_.end()) return std::nullopt;
    const auto& measure = found->second;
    const bool at_once = measure.free ? *measure.free > 0 : measure.waiting == 0;
    return at_once ? std::nullopt : estimate(queue, kind, measure.waiting + 1);
  }

  double error_ratio(const QueueName& queue) const override {
    const auto found = accuracy_.find(queue);
    if (found == accuracy_.end() || found->second.errors.count() == 0) return 0;
    return found->second.errors.value() / std::max(found->second.waits.value(), 0.001);
  }

 private:
  static double abandonment(const Measure& measure) {
    return measure.in_queue.value() > 0 ? measure.left.value() / measure.in_queue.value() : 0;
  }

  /// Here, and perhaps offered at once: it works from its assignment on, but did not wait in the queue. One whose kind
  /// nobody said, since it came before this listened, is left out.
  void on_come(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found != followed_.end()) {
      leave(found->second);
      enter(found->second, event);
      return;
    }
    const auto kind = parse<ChannelKind>(event.get("kind"));
    if (!kind || followed_.size() >= kRemembered) return;
    auto& followed = followed_[event.conversation];
    followed.line.second = *kind;
    enter(followed, event);
  }

  /// Offered again at once, which was told first.
  void on_lost(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end() || found->second.assigned) return on_come(event);
    enter(found->second, event);
  }

  static void enter(Followed& followed, const Event& event) {
    followed.line.first = QueueName(std::string(event.get("queue")));
    followed.came_at = event.at;
  }

  /// Every event names the queue: where a rule of overflow moves a conversation, or its queue goes, nothing else may
  /// tell, as when it is offered at once. Its wait there begins, and who works on it works there.
  void follow(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end() || event.get("queue") == found->second.line.first.str()) return;
    auto& followed = found->second;
    const auto before = followed;
    end_wait(followed, event.at, 0);
    leave(followed);
    enter(followed, event);
    if (!before.served_since) return;
    serve(followed, *before.served_since);
    followed.assigned = before.assigned;
  }

  /// In the old age, so that it stands anywhere in the line.
  static bool keeps_age(std::string_view cause) {
    return cause == "overflow" || cause == "transfer" || cause == "lost" || cause == "removed" || cause == "woken";
  }

  /// An offer that nobody took ends no wait, and who waits on stands where he stood. Who had been offered at once
  /// stands anywhere in the line, so that nothing is said of his wait.
  void on_queued(const Event& event) {
    const auto known = followed_.find(event.conversation);
    if (known == followed_.end() || known->second.assigned) on_come(event);
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    auto& measure = lines_[followed.line];
    if (followed.served_since) followed.considered_s += seconds(event.at - *followed.served_since);
    release(followed);
    if (!std::exchange(followed.in_line, true)) ++measure.waiting;
    if (std::exchange(followed.waits, true)) return;
    const bool last = followed.came_at == event.at && !keeps_age(event.cause);
    const auto said = last ? estimate(followed.line.first, followed.line.second, measure.waiting) : std::nullopt;
    followed.said_p50 = said ? said->p50 : -1;
  }

  /// Nobody stands behind it any more, as places are counted; what it waits for its agent's answer is its wait still.
  void on_offered(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    if (followed.assigned) leave(followed);  // lost to its agent
    step_out(followed);
    if (!followed.served_since) serve(followed, event.at);
  }

  void on_assigned(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    auto& measure = lines_[followed.line];
    if (followed.waits) {
      const double waited = seconds(event.at - followed.came_at);
      if (followed.said_p50 >= 0) {
        auto& accuracy = accuracy_[followed.line.first];
        accuracy.waits.add(waited);
        accuracy.errors.add(std::abs(followed.said_p50 - waited));
      }
      measure.last_wait = waited;
      end_wait(followed, event.at, 0);
    }
    const auto since = followed.assigned ? event.at : followed.served_since.value_or(event.at);
    const double considered = followed.assigned ? 0 : followed.considered_s;
    leave(followed);
    serve(followed, since);
    followed.considered_s = considered;
    followed.assigned = true;
  }

  /// The event names the new queue already; whose time it took is known from before.
  void on_passed_on(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    end_service(followed, event.at);
    end_wait(followed, event.at, 0);
    leave(followed);
    enter(followed, event);
  }

  void on_ended(const Event& event) {
    const auto found = followed_.find(event.conversation);
    if (found == followed_.end()) return;
    auto& followed = found->second;
    end_service(followed, event.at);
    end_wait(followed, event.at, event.actor.starts_with("customer") ? 1 : 0);
    leave(followed);
    followed_.erase(found);
  }

  /// How soon people give up is told by all who waited, also by those who did not give up while they were here.
  void end_wait(const Followed& followed, Time at, double left) {
    if (!followed.waits) return;
    auto& measure = lines_[followed.line];
    measure.in_queue.add(seconds(at - followed.came_at));
    measure.left.add(left);
  }

  void end_service(const Followed& followed, Time at) {
    if (!followed.assigned) return;
    lines_[followed.line].handling.add(followed.considered_s + seconds(at - *followed.served_since));
  }

  void serve(Followed& followed, Time since) {
    ++lines_[followed.line].served;
    followed.served_since = since;
  }

  void release(Followed& followed) {
    auto& measure = lines_[followed.line];
    if (followed.served_since) measure.served = std::max(0, measure.served - 1);
    followed.served_since.reset();
  }

  void step_out(Followed& followed) {
    auto& measure = lines_[followed.line];
    if (std::exchange(followed.in_line, false)) measure.waiting = std::max(0, measure.waiting - 1);
  }

  void leave(Followed& followed) {
    step_out(followed);
    release(followed);
    followed.waits = false;
    followed.assigned = false;
    followed.considered_s = 0;
  }

  std::map<Line, Measure> lines_;
  std::unordered_map<QueueName, Accuracy> accuracy_;
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
