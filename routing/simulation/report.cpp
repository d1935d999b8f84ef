#include "routing/simulation/report.h"

#include <algorithm>
#include <tuple>

#include "routing/simulation/statistics.h"

namespace peyk::routing::simulation {
namespace {

constexpr std::size_t kWorst = 10;

double seconds(Milliseconds value) {
  return static_cast<double>(value.count()) / 1000;
}

WorstWait::End end_of(const Matter& matter) {
  if (matter.answered) return WorstWait::End::answered;
  return matter.abandoned ? WorstWait::End::abandoned : WorstWait::End::unanswered;
}

Milliseconds wait_of(const Matter& matter, Time day_end) {
  auto until = matter.answered;
  if (!until && matter.abandoned) until = matter.finished;
  return std::max(until.value_or(day_end) - matter.arrived, Milliseconds::zero());
}

Waits waits_of(std::vector<double> waits) {
  std::sort(waits.begin(), waits.end());
  return {mean(waits),           quantile(waits, 0.5),  quantile(waits, 0.9),
          quantile(waits, 0.95), quantile(waits, 0.99), quantile(waits, 1)};
}

/// How many of those whose promise is decided had their answer in time.
class Promised {
 public:
  void add(const Matter& matter, Time day_end) {
    if (!matter.promise) return;
    const auto end = end_of(matter);
    const bool in_time = wait_of(matter, day_end) <= *matter.promise;
    // Who left had no answer, however soon he left; who still waits within his promise may yet have one.
    if (end == WorstWait::End::unanswered && in_time) return;
    ++decided_;
    kept_ += end == WorstWait::End::answered && in_time ? 1 : 0;
  }

  std::optional<double> share() const {
    if (decided_ == 0) return std::nullopt;
    return static_cast<double>(kept_) / decided_;
  }

 private:
  int decided_ = 0;
  int kept_ = 0;
};

/// Adds up what became of conversations.
class ServiceCount {
 public:
  void add(const Matter& matter, Time day_end) {
    const auto wait = wait_of(matter, day_end);
    const auto end = end_of(matter);
    waits_.push_back(seconds(wait));
    ++service_.offered;
    service_.replies += matter.replies;
    service_.answered += end == WorstWait::End::answered ? 1 : 0;
    service_.abandoned += end == WorstWait::End::abandoned ? 1 : 0;
    service_.unanswered += end == WorstWait::End::unanswered ? 1 : 0;
    promised_.add(matter, day_end);
  }

  Service take() {
    service_.waits = waits_of(std::move(waits_));
    service_.within_promise = promised_.share();
    return service_;
  }

 private:
  Service service_;
  std::vector<double> waits_;
  Promised promised_;
};

/// Adds up an agent's days, or all agents'.
struct Workload {
  AgentReport report;
  double idle_seconds = 0;
  double unit_seconds = 0;
  double capacity_seconds = 0;
  std::vector<double> waits;
  Promised promised;

  void add(const AgentDay& day, double capacity) {
    report.offered += day.offered;
    report.answered += day.answered;
    report.abandoned += day.abandoned;
    report.present += day.present;
    report.losses += day.losses;
    report.lost += day.lost;
    idle_seconds += seconds(day.idle);
    unit_seconds += day.unit_seconds;
    capacity_seconds += seconds(day.present) * capacity;
  }

  void close() {
    report.waits = waits_of(std::move(waits));
    report.within_promise = promised.share();
    if (capacity_seconds <= 0) return;
    report.occupancy = unit_seconds / capacity_seconds;
    report.busy = 1 - idle_seconds / seconds(report.present);
  }
};

class ReportMaker {
 public:
  explicit ReportMaker(const config::Config& config) : config_(config) {
    for (const auto& entry : config.queues) queues_[entry.first];
    for (const auto& entry : config.agents) agents_[entry.first].report.agent = entry.first;
  }

  void add(const RunOutcome& run, int number) {
    for (const auto& matter : run.outcome->matters) {
      total_.add(matter, run.end);
      queues_[matter.queue].add(matter, run.end);
      const auto wait = seconds(wait_of(matter, run.end));
      worst_.push_back({matter.name, matter.queue, matter.agent, matter.arrived, wait, end_of(matter), number});
      add_to_agents(matter, run.end);
    }
    keep_worst();
    for (const auto& day : run.outcome->agents) {
      const auto agent = config_.agents.find(day.agent);
      if (agent == config_.agents.end()) continue;
      const double capacity = static_cast<double>(agent->second.capacity.hundredths) / 100;
      agents_[day.agent].add(day, capacity);
      everybody_.add(day, capacity);
    }
  }

  Report take() {
    Report report;
    report.total = total_.take();
    for (auto& [name, count] : queues_) report.queues[name] = count.take();
    std::vector<double> loads;
    std::vector<double> idleness;
    for (auto& [name, work] : agents_) {
      work.close();
      report.agents.push_back(work.report);
      if (!work.report.occupancy) continue;
      loads.push_back(*work.report.occupancy);
      idleness.push_back(1 - *work.report.busy);
    }
    everybody_.close();
    report.occupancy = everybody_.report.occupancy;
    report.busy = everybody_.report.busy;
    report.losses = everybody_.report.losses;
    report.lost = everybody_.report.lost;
    report.gini_load = gini(std::move(loads));
    report.gini_idleness = gini(std::move(idleness));
    report.worst = std::move(worst_);
    return report;
  }

 private:
  void add_to_agents(const Matter& matter, Time day_end) {
    for (const auto& agent : matter.left_while_offered_to) agents_[agent].promised.add(matter, day_end);
    if (!matter.answered) return;
    auto& work = agents_[matter.agent];
    work.waits.push_back(seconds(wait_of(matter, day_end)));
    work.promised.add(matter, day_end);
  }

  void keep_worst() {
    const auto longer = [](const WorstWait& left, const WorstWait& right) {
      return std::tie(right.seconds, left.run, left.arrived, left.name) <
             std::tie(left.seconds, right.run, right.arrived, right.name);
    };
    const auto kept = std::min(kWorst, worst_.size());
    std::partial_sort(worst_.begin(), worst_.begin() + static_cast<std::ptrdiff_t>(kept), worst_.end(), longer);
    worst_.resize(kept);
  }

  const config::Config& config_;
  ServiceCount total_;
  std::map<QueueName, ServiceCount> queues_;
  std::map<AgentName, Workload> agents_;
  Workload everybody_;
  std::vector<WorstWait> worst_;
};

}  // namespace

Report make_report(std::span<const RunOutcome> runs, const config::Config& config) {
  ReportMaker maker(config);
  int number = 0;
  for (const auto& run : runs) maker.add(run, number++);
  return maker.take();
}

}  // namespace peyk::routing::simulation
