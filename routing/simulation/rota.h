// Who works when: the same every day, on the clock of a time zone.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/loader.h"
#include "config/local_time.h"
#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

/// Agents by name, or `count` of those who serve `queue`.
struct RotaEntry {
  std::vector<AgentName> agents;
  QueueName queue;
  int count = 0;
  config::OpenSpan span;  // `to` may pass 1440: over midnight
  config::Place place;
};

/// Without entries everybody is there: in his configured `shift` hours, or all the time.
using Rota = std::vector<RotaEntry>;

/// From when to when shifts are laid out.
struct Period {
  Time from;
  Time to;
};

/// Each agent's times within `period`, by agent and time, no two of one agent overlapping. Agents whom `config` has not
/// are left out. Of an entry's queue those are taken, by name, who have no shift at that time yet, first the ones who
/// have none at all.
std::vector<Shift> lay_out(const Rota& rota, const config::Config& config, const config::LocalClock& clock,
                           Period period);

/// What of the rota `config` cannot fill: "FILE:LINE:COLUMN: queue "service" has 3 agents free from 08:00 to 16:00, 4
/// are wanted".
std::vector<config::Problem> unfilled(const Rota& rota, const config::Config& config);

}  // namespace peyk::routing::simulation
