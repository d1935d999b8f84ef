#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "config/checks.h"
#include "config/roster.h"

namespace peyk::config {
namespace {

std::set<ChannelKind> kinds_in_use(const Config& config) {
  std::set<ChannelKind> kinds;
  for (const auto& [name, channel] : config.channels) kinds.insert(channel.kind());
  return kinds;
}

void check_capacity(Context& context, const Member& member, const Config& config, const Agent& agent) {
  const auto kinds = kinds_in_use(config);
  const auto mark = mark_of(member, {"capacity"});
  std::vector<std::string> too_heavy;
  for (const auto kind : kinds) {
    const auto weight = weight_for(config, agent, kind);
    const bool wanted = max_for(config, agent, kind) != 0;
    if (wanted && weight > agent.capacity)
      too_heavy.push_back(fmt::format("{} ({})", to_string(kind), to_string(weight)));
  }
  if (too_heavy.empty()) return;
  const auto message = fmt::format("a capacity of {} is less than one conversation weighs: {}",
                                   to_string(agent.capacity), fmt::join(too_heavy, ", "));
  if (too_heavy.size() == kinds.size()) {
    context.error(mark, message + ": he could take nothing");
  } else {
    context.warning(mark, message);
  }
}

void check_supervisor(Context& context, const Member& member, const Config& config, const Agent& agent) {
  if (!agent.supervisor) return;
  const auto mark = mark_of(member, {"supervisor"});
  const auto found = config.agents.find(*agent.supervisor);
  if (found == config.agents.end()) return;
  if (found->first == agent.name) {
    context.error(mark, "an agent cannot be his own supervisor");
  } else if (found->second.role == Role::agent) {
    context.error(mark, fmt::format("\"{}\" has role agent: give him role supervisor or admin", found->first.str()));
  }
}

void check_skills(Context& context, const Member& member, const Agent& agent) {
  if (!agent.skills.contains(SkillName(std::string(kLanguageSkill)))) return;
  context.error(mark_of(member, {"skills", std::string(kLanguageSkill)}),
                "\"language\" stands for a conversation's own language: name the languages he speaks");
}

}  // namespace

void check_agents(Context& context, const Node& root, const Config& config) {
  in_file_order(root, "agents", config.agents, [&](const Agent& agent, const Member& member) {
    const auto& name = agent.name;
    check_capacity(context, member, config, agent);
    check_supervisor(context, member, config, agent);
    check_skills(context, member, agent);
    const auto& mark = member.mark;
    if (agent.queues.empty() && agent.role == Role::agent) {
      context.warning(mark, fmt::format("agent \"{}\" serves no queue", name.str()));
    }
    if (member.value->find("password_hash_file") == nullptr) {
      context.warning(mark, fmt::format("agent \"{}\" has no \"password_hash_file\": he cannot log in", name.str()));
    }
  });
}

}  // namespace peyk::config
