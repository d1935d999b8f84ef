// Waits that grow with each failure, with jitter so that many do not come back at once.
#pragma once

#include <chrono>

#include "base/random.h"

namespace peyk {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds limit, RandomSource& random);

  /// The next wait: doubles from `first` to `limit`, then 50 to 100 % of it by chance.
  std::chrono::milliseconds next();

  void reset();

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds limit_;
  std::chrono::milliseconds current_;
  RandomSource& random_;
};

}  // namespace peyk
