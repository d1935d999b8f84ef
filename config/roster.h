// What the roster cannot serve: queues without agents and demands that nobody meets. No errors, since people come and
// go, but said at `--check`, at start and in /health.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace peyk::config {

struct RosterGap {
  std::string code;  // "queue_unserved" or "demand_unmet"
  QueueName queue;
  std::string message;
  Place place;
};

std::vector<RosterGap> roster_gaps(const Config& config);

/// The levels that a conversation of `route` needs: its queue's, overruled by its own. `language` is not replaced.
SkillLevels required_levels(const Config& config, const Route& route);

/// Whether `levels` (an agent's) meet `required`, `language` left out.
bool meets(const SkillLevels& levels, const SkillLevels& required);

/// What a conversation of `kind` weighs for `agent`, and how many of them he takes at once (none: no limit).
Units weight_for(const Config& config, const Agent& agent, ChannelKind kind);
std::optional<int> max_for(const Config& config, const Agent& agent, ChannelKind kind);

}  // namespace peyk::config
