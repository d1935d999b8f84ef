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

std::optional<Time> HoursBook::next_change(Time now) {
  std::optional<Time> soonest;
  for (const auto& [name, hours] : config_->hours) {
    auto& own = clock(name);
    const auto change = own.is_open(now) ? own.next_close(now) : own.next_open(now);
    if (change && (!soonest || *change < *soonest)) soonest = change;
  }
  return soonest;
}

}  // namespace peyk::routing
