// Arrivals in the order of time.
#pragma once

#include <vector>

#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

/// Those of the same time stay in their order. (libstdc++'s own stable sorting uses what it calls deprecated.)
void sort_by_time(std::vector<Arrival>& arrivals);

}  // namespace peyk::routing::simulation
