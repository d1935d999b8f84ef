// Counts failures by key within a window of time.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace peyk::daemon {

/// Remembers when each key failed. Keys whose failures are all older than the window are forgotten; past
/// `kMaxKeys` keys the one that failed longest ago goes first, so that a flood of names costs bounded memory.
/// One thread.
class FailureCounter {
 public:
  explicit FailureCounter(const Clock& clock) : clock_(clock) {}

  void add(const std::string& key, Milliseconds window);
  void forget(const std::string& key) { failures_.erase(key); }

  std::size_t count(const std::string& key, Milliseconds window);

 private:
  static constexpr std::size_t kMaxKeys = 10'000;
  static constexpr std::size_t kMaxFailures = 1'000;

  void drop_oldest(Milliseconds window);

  const Clock& clock_;
  std::unordered_map<std::string, std::deque<Time>> failures_;
};

}  // namespace peyk::daemon
