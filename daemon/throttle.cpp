#include "daemon/throttle.h"

#include <algorithm>

namespace peyk::daemon {

void FailureCounter::add(const std::string& key, Milliseconds window) {
  if (failures_.size() >= kMaxKeys && !failures_.contains(key)) drop_oldest(window);
  auto& times = failures_[key];
  times.push_back(clock_.now());
  if (times.size() > kMaxFailures) times.pop_front();
}

std::size_t FailureCounter::count(const std::string& key, Milliseconds window) {
  const auto found = failures_.find(key);
  if (found == failures_.end()) return 0;
  auto& times = found->second;
  const auto oldest = clock_.now() - window;
  while (!times.empty() && times.front() <= oldest) times.pop_front();
  if (!times.empty()) return times.size();
  failures_.erase(found);
  return 0;
}

void FailureCounter::drop_oldest(Milliseconds window) {
  const auto expired = clock_.now() - window;
  std::erase_if(failures_, [expired](const auto& entry) { return entry.second.back() <= expired; });
  if (failures_.size() < kMaxKeys) return;
  const auto oldest = std::ranges::min_element(failures_, {}, [](const auto& entry) { return entry.second.back(); });
  failures_.erase(oldest);
}

}  // namespace peyk::daemon
