// What an agent's day was: his shifts, and what he carried, integrated over the day.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "routing/simulation/batch.h"
#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

/// Shifts of one agent that meet or overlap are one; by agent and time.
std::vector<Shift> joined(std::vector<Shift> shifts);

class AgentDays {
 public:
  /// `shifts` are joined. All outlive it.
  AgentDays(const Day& day, const std::vector<Shift>& shifts) : day_(day), shifts_(shifts) {}

  /// Each agent's in the order of time.
  void observe(const Load& load) { loads_[load.agent].push_back(load); }

  /// Present while on shift, and while he finishes what he has after it. Counts of offers are left out.
  AgentDay of(const AgentName& agent, config::Units capacity) const;

 private:
  struct Change {
    Time at;
    std::optional<bool> on_shift;
    std::optional<std::int64_t> load;  // hundredths
  };
  std::vector<Change> changes(const AgentName& agent) const;

  const Day& day_;
  const std::vector<Shift>& shifts_;
  std::map<AgentName, std::vector<Load>> loads_;
};

}  // namespace peyk::routing::simulation
