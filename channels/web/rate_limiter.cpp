#include "channels/web/rate_limiter.h"

#include <algorithm>

namespace peyk::channels {

RateLimiter::Entry& RateLimiter::touch(const std::string& key) {
  if (const auto found = entries_.find(key); found != entries_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, found->second.used);
    return found->second;
  }
  if (entries_.size() >= max_keys_) {
    entries_.erase(by_use_.back());
    by_use_.pop_back();
  }
  by_use_.push_front(key);
  auto& entry = entries_[key];
  entry.used = by_use_.begin();
  return entry;
}

std::optional<Milliseconds> RateLimiter::refuse(const std::string& key, const config::Rate& rate, Time now) {
  if (rate.count <= 0) return std::nullopt;
  auto& times = touch(key).times;
  while (!times.empty() && times.front() + rate.per <= now) times.pop_front();
  const auto limit = static_cast<std::size_t>(rate.count);
  if (times.size() >= limit) return std::max(times[times.size() - limit] + rate.per - now, Milliseconds(1));
  times.push_back(now);
  return std::nullopt;
}

std::string retry_after_seconds(Milliseconds wait) {
  return std::to_string(std::max<std::int64_t>(1, (wait.count() + 999) / 1000));
}

}  // namespace peyk::channels
