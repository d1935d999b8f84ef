#include "channels/opening.h"

#include <algorithm>

namespace peyk::channels {
namespace {

bool names_no_more_than_channel(const config::When& when) {
  return when.fields.empty() && !when.subject && !when.text && !when.sender && when.languages.empty() &&
         when.contact_tags.empty() && when.dates.empty() && when.hours.empty();
}

template <typename T>
bool empty_or_has(const std::vector<T>& list, const T& value) {
  return list.empty() || std::ranges::find(list, value) != list.end();
}

}  // namespace

QueueName usual_queue(const config::Config& config, const config::Channel& channel) {
  for (const auto& route : config.routes) {
    const bool of_channel =
        empty_or_has(route.when.channels, channel.name) && empty_or_has(route.when.kinds, channel.kind());
    if (of_channel && names_no_more_than_channel(route.when)) return route.queue;
  }
  return {};
}

config::HoursClock& OpeningHours::clock_of(const HoursName& name) {
  auto& clock = clocks_[name];
  if (!clock) {
    const auto hours = config_->hours.find(name);
    clock = hours == config_->hours.end() ? config::create_always_open() : config::create_hours_clock(hours->second);
  }
  return *clock;
}

Opening OpeningHours::of_queue(const QueueName& queue, Time now) {
  const auto found = config_->queues.find(queue);
  if (found == config_->queues.end()) return {};
  auto& clock = clock_of(found->second.hours);
  const bool open = clock.is_open(now);
  return {open, open ? clock.next_close(now) : clock.next_open(now)};
}

Opening OpeningHours::of_channel(const config::Channel& channel, Time now) {
  return of_queue(usual_queue(*config_, channel), now);
}

}  // namespace peyk::channels
