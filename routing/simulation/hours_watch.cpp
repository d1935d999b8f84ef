#include "routing/simulation/hours_watch.h"

#include <algorithm>
#include <utility>

namespace peyk::routing::simulation {
namespace {

constexpr auto kPace = std::chrono::seconds(10);

bool asks_for_wait(const config::Config& config) {
  return std::ranges::any_of(config.queues, [](const auto& item) {
    return std::ranges::any_of(item.second.overflow, [](const auto& rule) { return rule.when.wait.has_value(); });
  });
}

}  // namespace

HoursWatch::HoursWatch(SettingsPtr settings)
    : settings_(std::move(settings)), estimates_(asks_for_wait(settings_->config())) {}

void HoursWatch::observe(const Event& event) {
  if (estimates_) waits_->observe(event);
}

std::vector<Call> HoursWatch::look(Time now) {
  std::vector<Call> calls;
  for (const auto& state : queues_.changed(*settings_, *waits_, now)) {
    calls.push_back({now, "queue_state", state.arguments()});
    queues_.told(state);
  }
  return calls;
}

std::optional<Time> HoursWatch::next(Time now) {
  if (estimates_) return now + kPace;
  std::optional<Time> soonest;
  for (const auto& [name, queue] : settings_->config().queues) {
    if (queue.hours.empty()) continue;
    auto& clock = settings_->hours().clock(queue.hours);
    const auto after = now + Milliseconds(1);
    const auto change = clock.is_open(now) ? clock.next_close(after) : clock.next_open(after);
    if (change && (!soonest || *change < *soonest)) soonest = change;
  }
  return soonest;
}

}  // namespace peyk::routing::simulation
