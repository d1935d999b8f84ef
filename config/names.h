// The names that a configuration gives: each a type of its own.
#pragma once

#include "base/strong_id.h"

namespace peyk {

using AgentName = StrongId<struct AgentNameTag>;
using QueueName = StrongId<struct QueueNameTag>;
using ChannelName = StrongId<struct ChannelNameTag>;
using SkillName = StrongId<struct SkillNameTag>;
using HoursName = StrongId<struct HoursNameTag>;

}  // namespace peyk
