// The names that a configuration gives, each a type of its own, and the few words every part uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/strong_id.h"

namespace peyk {

using AgentName = StrongId<struct AgentNameTag>;
using QueueName = StrongId<struct QueueNameTag>;
using ChannelName = StrongId<struct ChannelNameTag>;
using SkillName = StrongId<struct SkillNameTag>;
using HoursName = StrongId<struct HoursNameTag>;

/// A language as BCP 47 writes it, lower case, without region: "fa", "hy", "en".
using Language = std::string;

enum class ChannelKind : std::uint8_t { email, chat, form };
inline constexpr int kChannelKinds = 3;

enum class Priority : std::uint8_t { low, normal, high, urgent };
inline constexpr int kPriorities = 4;

enum class Role : std::uint8_t { agent, supervisor, admin };

/// Their names in configuration, API and store.
std::string_view to_string(ChannelKind kind);
std::string_view to_string(Priority priority);
std::string_view to_string(Role role);

}  // namespace peyk
