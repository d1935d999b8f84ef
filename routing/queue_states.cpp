#include "routing/queue_states.h"

#include <algorithm>
#include <cstdlib>

#include "routing/store/writer.h"

namespace peyk::routing {

std::string QueueState::arguments() const {
  store::ObjectWriter waits;
  for (const auto& [kind, wait] : wait_ms) waits.number(to_string(kind), wait);
  store::ObjectWriter call;
  call.text("queue", queue).flag("closed", closed).raw("waits", waits.take());
  return call.take();
}

namespace {

std::map<ChannelKind, std::int64_t> newcomers(const QueueName& queue, const WaitEstimator& waits) {
  std::map<ChannelKind, std::int64_t> times;
  for (int i = 0; i < kChannelKinds; ++i) {
    const auto kind = static_cast<ChannelKind>(i);
    const auto wait = waits.newcomer(queue, kind);
    times[kind] = wait ? static_cast<std::int64_t>(wait->p50 * 1000) : 0;
  }
  return times;
}

bool moved(const std::map<ChannelKind, std::int64_t>& told, const std::map<ChannelKind, std::int64_t>& now) {
  return std::ranges::any_of(now, [&told](const auto& wait) {
    const auto before = told.at(wait.first);
    return std::abs(before - wait.second) > before / 10;
  });
}

}  // namespace

std::vector<QueueState> QueueStates::changed(Settings& settings, const WaitEstimator& waits, Time now) const {
  std::vector<QueueState> news;
  for (const auto& [name, queue] : settings.config().queues) {
    if (queue.overflow.empty() && queue.hours.empty()) continue;
    const QueueState state{name, !settings.hours().clock(queue.hours).is_open(now), newcomers(name, waits)};
    if (is_news(state)) news.push_back(state);
  }
  return news;
}

bool QueueStates::is_news(const QueueState& state) const {
  const auto found = told_.find(state.queue);
  if (found == told_.end()) return true;
  const auto& told = found->second;
  return told.closed != state.closed || moved(told.wait_ms, state.wait_ms);
}

void QueueStates::told(const QueueState& state) {
  told_.insert_or_assign(state.queue, state);
}

}  // namespace peyk::routing
