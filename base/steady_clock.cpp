#include "base/steady_clock.h"

namespace peyk {
namespace {

class SteadyClock : public Clock {
 public:
  Time now() const override {
    return begin_ + std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - steady_begin_);
  }

 private:
  Time begin_ = system_clock().now();
  std::chrono::steady_clock::time_point steady_begin_ = std::chrono::steady_clock::now();
};

}  // namespace

const Clock& steady_clock() {
  static const SteadyClock clock;
  return clock;
}

}  // namespace peyk
