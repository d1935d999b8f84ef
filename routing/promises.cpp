#include "routing/promises.h"

namespace peyk::routing {
namespace {

Time due(Time start, Milliseconds duration, config::PromiseClock runs, config::HoursClock& hours) {
  if (runs == config::PromiseClock::always) return start + duration;
  return hours.add_open_time(start, duration).value_or(start + duration);
}

}  // namespace

Promise pin_promise(const config::Promise& promised, Time start, config::PromiseClock runs, config::HoursClock& hours) {
  return {due(start, promised.first_reply, runs, hours), due(start, promised.resolve, runs, hours)};
}

}  // namespace peyk::routing
