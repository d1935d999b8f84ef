// What is simulated: configurations, trace and profile, read and checked against each other.
#pragma once

#include <iosfwd>
#include <optional>
#include <vector>

#include "config/config.h"
#include "daemon/ctl/simulate.h"
#include "routing/simulation/days.h"

namespace peyk::ctl {

struct SimulateInputs {
  std::vector<config::ConfigPtr> configs;
  std::vector<routing::simulation::Arrival> recorded;  // of the trace; empty: the profile draws them
  routing::simulation::Profile profile;                // with date (unless recorded) and time zone
};

/// None when anything is wrong: all of it is told to `err` then, of configurations as `peykd --check` does.
std::optional<SimulateInputs> read_simulate_inputs(const SimulateOptions& options, std::ostream& err);

}  // namespace peyk::ctl
