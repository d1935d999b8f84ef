#include "base/async/backoff.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace peyk {

Backoff::Backoff(std::chrono::milliseconds first, std::chrono::milliseconds limit, RandomSource& random)
    : first_(first), limit_(limit), current_(first), random_(random) {}

std::chrono::milliseconds Backoff::next() {
  const auto whole = std::min(current_, limit_);
  current_ = std::min(whole * 2, limit_);
  std::array<std::uint8_t, 2> chance{};
  random_.fill(chance);
  const auto fraction = (std::int64_t{chance[0]} << 8) | chance[1];  // of 65,535
  const auto half = whole.count() / 2;
  return std::chrono::milliseconds(whole.count() - half + half * fraction / 65'535);
}

void Backoff::reset() {
  current_ = first_;
}

}  // namespace peyk
