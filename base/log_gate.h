// What happens thousands of times a second and is worth one line of the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace peyk {

/// Lets one line a second through and counts the others. One thread.
class LogGate {
 public:
  /// How many lines were kept back since the last one that came through; nullopt: this one is to be kept back.
  /// `now` is always of the same clock; one that stepped back is no reason to be silent.
  template <typename Clock, typename Duration>
  std::optional<std::size_t> open(std::chrono::time_point<Clock, Duration> now) {
    return open_at(std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()));
  }

 private:
  static constexpr std::chrono::nanoseconds kBetween = std::chrono::seconds(1);

  std::optional<std::size_t> open_at(std::chrono::nanoseconds now) {
    if (last_ && now >= *last_ && now - *last_ < kBetween) {
      ++kept_back_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(kept_back_, 0);
  }

  std::optional<std::chrono::nanoseconds> last_;
  std::size_t kept_back_ = 0;
};

}  // namespace peyk
