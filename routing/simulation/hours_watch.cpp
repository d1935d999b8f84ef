#include "routing/simulation/hours_watch.h"

#include <algorithm>
#include <utility>

#include "routing/store/replies.h"
#include "routing/store/writer.h"

namespace peyk::routing::simulation {
namespace {

constexpr auto kPace = std::chrono::seconds(10);

std::string queues_with_waits(const config::Config& config) {
  std::vector<QueueName> names;
  for (const auto& [name, queue] : config.queues) {
    if (std::ranges::any_of(queue.overflow, [](const auto& rule) { return rule.when.wait.has_value(); })) {
      names.push_back(name);
    }
  }
  return names.empty() ? std::string() : store::text_array(names);
}

}  // namespace

HoursWatch::HoursWatch(SettingsPtr settings)
    : settings_(std::move(settings)), measured_(queues_with_waits(settings_->config())) {}

void HoursWatch::observe(const Event& event) {
  if (!measured_.empty()) waits_->observe(event);
}

void HoursWatch::count(const boost::json::object& queues, Time now) {
  for (const auto& queue : store::array_in(queues, "queues")) {
    if (!queue.is_object()) continue;
    for (const auto& counted : store::read_queue(queue.get_object(), now).kinds) waits_->count(counted);
  }
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
  if (!measured_.empty()) return now + kPace;
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
