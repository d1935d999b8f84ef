// A clock that nothing puts forward or back.
#pragma once

#include "base/clock.h"

namespace peyk {

/// The machine's time when it was first asked for, and from then on as steadily as its hardware counts: no step of the
/// machine's clock moves it. For whoever measures how far another clock is from it. Lives as long as the program.
const Clock& steady_clock();

}  // namespace peyk
