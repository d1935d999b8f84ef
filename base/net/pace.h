// The slowest pace at which a peer is waited for.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace peyk::net {

/// What a peer's bytes pay for: a second for each 16 KiB. Who owns it adds how long nothing at all may move, and looks
/// whether that is over.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Pace(Time begin) : paid_until_(begin) {}

  /// So many bytes more have moved; the time, never one to come, until which they pay. None is saved up: what came
  /// fast but for its end would else be waited for until all of it could have come slowly.
  Time pay(std::uint64_t bytes, Time now) {
    paid_until_ = std::min(now, paid_until_ + time_for(bytes));
    return paid_until_;
  }

  /// The same for what counts only as a whole, since the beginning: what went fast at first went no farther than the
  /// system's buffers, which may take minutes to get through to who is slow.
  Time paid_by_all(std::uint64_t bytes, Time now) const { return std::min(now, paid_until_ + time_for(bytes)); }

 private:
  static constexpr std::uint64_t kBytesPerSecond = 16'384;

  static std::chrono::nanoseconds time_for(std::uint64_t bytes) {
    return std::chrono::nanoseconds(bytes * 1'000'000'000 / kBytesPerSecond);
  }

  Time paid_until_;
};

}  // namespace peyk::net
