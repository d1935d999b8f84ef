// "At most `count` in any `per`", for many keys (addresses, visitors) in bounded memory.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "config/values.h"

namespace peyk::channels {

/// One thread. Keeps the times of what it let through; the key unused for longest goes when there are too many keys.
class RateLimiter {
 public:
  explicit RateLimiter(std::size_t max_keys = 50'000) : max_keys_(max_keys) {}

  /// Nothing when `key` may go on (which is counted), else how long until it may.
  std::optional<Milliseconds> refuse(const std::string& key, const config::Rate& rate, Time now);

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::deque<Time> times;
    std::list<std::string>::iterator used;
  };
  Entry& touch(const std::string& key);

  std::size_t max_keys_;
  std::unordered_map<std::string, Entry> entries_;
  std::list<std::string> by_use_;  // most recent first
};

/// "Retry-After" in whole seconds, 1 at least.
std::string retry_after_seconds(Milliseconds wait);

}  // namespace peyk::channels
