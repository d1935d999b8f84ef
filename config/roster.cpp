#include "config/roster.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace peyk::config {
namespace {

std::string show(const SkillLevels& levels) {
  std::vector<std::string> parts;
  for (const auto& [skill, level] : levels) parts.push_back(fmt::format("{} {}", skill.str(), level));
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool serves(const Agent& agent, const QueueName& queue) {
  return std::find(agent.queues.begin(), agent.queues.end(), queue) != agent.queues.end();
}

std::set<ChannelKind> kinds_of(const Config& config, const When& when) {
  std::set<ChannelKind> kinds;
  for (const auto& [name, channel] : config.channels) {
    const bool named =
        when.channels.empty() || std::find(when.channels.begin(), when.channels.end(), name) != when.channels.end();
    const bool kind =
        when.kinds.empty() || std::find(when.kinds.begin(), when.kinds.end(), channel.kind()) != when.kinds.end();
    if (named && kind) kinds.insert(channel.kind());
  }
  return kinds;
}

/// The demands a route makes: one for each language it names, when it asks for the conversation's language.
std::vector<SkillLevels> demands_of(const Config& config, const Route& route) {
  auto required = required_levels(config, route);
  const auto own = required.find(SkillName(std::string(kLanguageSkill)));
  if (own == required.end()) return {required};
  const auto level = own->second;
  required.erase(own);
  std::vector<SkillLevels> demands;
  for (const auto& language : route.when.languages) {
    const SkillName skill(language);
    auto demand = required;
    const bool declared = std::find(config.skills.begin(), config.skills.end(), skill) != config.skills.end();
    if (declared) demand[skill] = std::max(demand[skill], level);
    demands.push_back(std::move(demand));
  }
  if (demands.empty()) demands.push_back(std::move(required));
  return demands;
}

constexpr int kMostMoves = 5;  // as often as the scripts look on

class Search {
 public:
  Search(const Config& config, const Route& route) : config_(config), route_(route) {
    queues_.push_back(route.queue);
    for (const auto& ring : route.demand.rings) queues_.push_back(ring.queue);
    const auto queue = config.queues.find(route.queue);
    if (queue == config.queues.end()) return;
    for (const auto& ring : queue->second.demand.rings) queues_.push_back(ring.queue);
  }

  bool anybody(const SkillLevels& demand, ChannelKind kind) const {
    return std::any_of(config_.agents.begin(), config_.agents.end(), [&](const auto& entry) {
      const auto& agent = entry.second;
      const bool served =
          std::any_of(queues_.begin(), queues_.end(), [&agent](const auto& queue) { return serves(agent, queue); });
      return served && can_take(agent, demand, kind);
    });
  }

  void report(std::vector<RosterGap>& gaps) const {
    for (const auto& demand : demands_of(config_, route_)) {
      std::vector<std::string_view> hopeless;
      for (const auto kind : kinds_of(config_, route_.when)) {
        if (anybody(demand, kind)) {
          report_preferred(demand, kind, gaps);
        } else if (!moves_on(route_.queue, demand, kind)) {
          hopeless.push_back(to_string(kind));
        }
      }
      if (hopeless.empty()) continue;
      add(gaps, fmt::format("no agent of queue \"{}\" can take a conversation of kind {}{}: what matches {} would "
                            "wait for ever",
                            route_.queue.str(), fmt::join(hopeless, ", "), with(demand), route_.name));
    }
  }

 private:
  /// Whether a rule of overflow takes what nobody of this queue can take to somebody who can: one with a time, or one
  /// that asks for nothing but that. As the scripts have it, what else a rule with a time asks for may come to hold.
  bool moves_on(const QueueName& from, const SkillLevels& demand, ChannelKind kind, int moves = 0) const {
    const auto queue = config_.queues.find(from);
    if (queue == config_.queues.end() || moves == kMostMoves) return false;
    return std::any_of(queue->second.overflow.begin(), queue->second.overflow.end(), [&](const auto& rule) {
      const bool comes = moves > 0 || rule.when.after || (only_nobody(rule.when) && nobody_meets(from, demand));
      const auto to = config_.queues.find(rule.to);
      if (!comes || to == config_.queues.end()) return false;
      auto wanted = demand;
      for (const auto& [skill, level] : to->second.demand.require) {
        if (skill.str() != kLanguageSkill) wanted[skill] = std::max(wanted[skill], level);
      }
      const bool met = std::any_of(config_.agents.begin(), config_.agents.end(), [&](const auto& entry) {
        return serves(entry.second, to->first) && can_take(entry.second, wanted, kind);
      });
      return met || moves_on(to->first, wanted, kind, moves + 1);
    });
  }

  static bool only_nobody(const OverflowCondition& when) {
    return when.nobody_rostered && !when.waiting && !when.wait && !when.hours_closed;
  }

  /// By skills alone, as `rostered: none` has it.
  bool nobody_meets(const QueueName& queue, const SkillLevels& demand) const {
    return std::none_of(config_.agents.begin(), config_.agents.end(), [&](const auto& entry) {
      return serves(entry.second, queue) && meets(entry.second.skills, demand);
    });
  }

  bool can_take(const Agent& agent, const SkillLevels& demand, ChannelKind kind) const {
    return meets(agent.skills, demand) && agent.capacity >= weight_for(config_, agent, kind) &&
           max_for(config_, agent, kind) != 0;
  }

  static std::string with(const SkillLevels& demand) {
    return demand.empty() ? std::string() : fmt::format(" that needs {}", show(demand));
  }

  void report_preferred(const SkillLevels& demand, ChannelKind kind, std::vector<RosterGap>& gaps) const {
    for (const auto& step : route_.demand.prefer) {
      if (step.unless != DroppedWhenNone::never) continue;
      auto wanted = demand;
      for (const auto& [skill, level] : step.skills) {
        if (skill.str() != kLanguageSkill) wanted[skill] = std::max(wanted[skill], level);
      }
      if (anybody(wanted, kind)) continue;
      add(gaps, fmt::format("{}: no agent of queue \"{}\" can take kind {} with {}: it would wait for nobody (say "
                            "unless: rostered)",
                            route_.name, route_.queue.str(), to_string(kind), show(wanted)));
    }
  }

  void add(std::vector<RosterGap>& gaps, std::string message) const {
    gaps.push_back(RosterGap{"demand_unmet", route_.queue, std::move(message), route_.place});
  }

  const Config& config_;
  const Route& route_;
  std::vector<QueueName> queues_;
};

bool is_served(const Config& config, const QueueName& queue) {
  return std::any_of(config.agents.begin(), config.agents.end(),
                     [&queue](const auto& entry) { return serves(entry.second, queue); });
}

}  // namespace

std::vector<RosterGap> roster_gaps(const Config& config) {
  std::vector<RosterGap> gaps;
  for (const auto& [name, queue] : config.queues) {
    if (is_served(config, name)) continue;
    gaps.push_back(
        RosterGap{"queue_unserved", name, fmt::format("nobody serves queue \"{}\"", name.str()), queue.place});
  }
  for (const auto& route : config.routes) {
    if (is_served(config, route.queue)) Search(config, route).report(gaps);
  }
  return gaps;
}

SkillLevels required_levels(const Config& config, const Route& route) {
  auto required = route.demand.require;
  const auto queue = config.queues.find(route.queue);
  if (queue != config.queues.end()) {
    required.insert(queue->second.demand.require.begin(), queue->second.demand.require.end());
  }
  return required;
}

bool meets(const SkillLevels& levels, const SkillLevels& required) {
  return std::all_of(required.begin(), required.end(), [&levels](const auto& need) {
    if (need.first.str() == kLanguageSkill) return true;
    const auto has = levels.find(need.first);
    return has != levels.end() && has->second >= need.second;
  });
}

Units weight_for(const Config& config, const Agent& agent, ChannelKind kind) {
  const auto own = agent.kinds.find(kind);
  if (own != agent.kinds.end() && own->second.weight) return *own->second.weight;
  return config.kind(kind).weight;
}

std::optional<int> max_for(const Config& config, const Agent& agent, ChannelKind kind) {
  const auto own = agent.kinds.find(kind);
  if (own != agent.kinds.end() && own->second.max) return own->second.max;
  return config.kind(kind).max;
}

}  // namespace peyk::config
