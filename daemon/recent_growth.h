// Whether a count has lately become larger.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace peyk::daemon {

/// Of a count that begins with 0 and is shown to it now and then.
class RecentGrowth {
 public:
  explicit RecentGrowth(Milliseconds within) : within_(within) {}

  /// Whether it was seen to have grown within the time, up to now.
  bool grew(std::uint64_t count, Time now) {
    if (count > count_) grew_at_ = now;
    count_ = count;
    return grew_at_ && now - *grew_at_ < within_;
  }

 private:
  Milliseconds within_;
  std::uint64_t count_ = 0;
  std::optional<Time> grew_at_;
};

}  // namespace peyk::daemon
