#include "routing/queue_states.h"

#include <cstdlib>

#include "routing/store/writer.h"

namespace peyk::routing {

std::string QueueState::arguments() const {
  store::ObjectWriter call;
  call.text("queue", queue).flag("closed", closed).number("wait_p50", wait_ms);
  return call.take();
}

std::vector<QueueState> QueueStates::changed(Settings& settings, const WaitEstimator& waits, Time now) const {
  std::vector<QueueState> news;
  for (const auto& [name, queue] : settings.config().queues) {
    if (queue.overflow.empty() && queue.hours.empty()) continue;
    const auto wait = waits.newcomer(name);
    const QueueState state{name, !settings.hours().clock(queue.hours).is_open(now),
                           wait ? static_cast<std::int64_t>(wait->p50 * 1000) : 0};
    if (is_news(state)) news.push_back(state);
  }
  return news;
}

bool QueueStates::is_news(const QueueState& state) const {
  const auto found = told_.find(state.queue);
  if (found == told_.end()) return true;
  const auto& told = found->second;
  return told.closed != state.closed || std::abs(told.wait_ms - state.wait_ms) > told.wait_ms / 10;
}

void QueueStates::told(const QueueState& state) {
  told_.insert_or_assign(state.queue, state);
}

}  // namespace peyk::routing
