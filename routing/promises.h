// By when a customer may count on an answer and a solution.
#pragma once

#include <optional>

#include "base/clock.h"
#include "config/config.h"
#include "routing/conversation.h"
#include "routing/hours_book.h"

namespace peyk::routing {

/// What is promised from `start` on. With `promise_clock: open_hours` the clock of `hours` runs only while they are
/// open; hours that never open count as always open, so that a promise always has a date.
Promise pin_promise(const config::Promise& promised, Time start, config::PromiseClock runs, config::HoursClock& hours);

}  // namespace peyk::routing
