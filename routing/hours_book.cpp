#include "routing/hours_book.h"

namespace peyk::routing {

config::HoursClock& HoursBook::clock(const HoursName& name) {
  auto& clock = clocks_[name];
  if (!clock) {
    const auto found = config_->hours.find(name);
    clock = found == config_->hours.end() ? config::create_always_open() : config::create_hours_clock(found->second);
  }
  return *clock;
}

}  // namespace peyk::routing
