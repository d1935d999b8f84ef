#include "tests/support/model_plan.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace peyk::test {
namespace {

Levels levels_of(const json::object& object, std::string_view name) {
  Levels levels;
  const auto* given = object.if_contains(name);
  if (given == nullptr) return levels;
  for (const auto& [skill, level] : given->as_object()) levels[skill] = level.to_number<int>();
  return levels;
}

Levels merged(Levels levels, const Levels& more) {
  for (const auto& [skill, level] : more) levels[skill] = std::max(levels[skill], level);
  return levels;
}

bool has(const std::vector<std::string>& list, const std::string& word) {
  return std::ranges::find(list, word) != list.end();
}

}  // namespace

std::pair<Levels, std::vector<std::string>> read_demand(const std::string& text) {
  Levels levels;
  std::vector<std::string> rings;
  std::string word;
  std::string skill;
  bool in_rings = false;
  const auto end_word = [&] {
    if (in_rings && !word.empty()) rings.push_back(word);
    if (!in_rings && !skill.empty()) levels[skill] = std::stoi(word);
    word.clear();
    skill.clear();
  };
  for (const char letter : text) {
    if (letter == '+' || letter == ',') {
      end_word();
      in_rings = in_rings || letter == '+';
    } else if (letter == '=' && !in_rings) {
      skill = std::move(word);
      word.clear();
    } else {
      word += letter;
    }
  }
  end_word();
  return {levels, rings};
}

bool meets(const SeenAgent& agent, const Levels& levels) {
  return std::ranges::all_of(levels, [&agent](const auto& need) {
    const auto found = agent.skills.find(need.first);
    return found != agent.skills.end() && found->second >= need.second;
  });
}

Plan::Plan(const json::object& asks, std::int64_t since)
    : queue_(text_of(asks, "queue")), require_(levels_of(asks, "require")), since_(since) {
  if (const auto* prefer = asks.if_contains("prefer")) {
    for (const auto& value : prefer->as_array()) {
      const auto& one = value.as_object();
      prefer_.push_back({levels_of(one, "skills"), number_of(one, "for"), text_of(one, "unless")});
    }
  }
  if (const auto* rings = asks.if_contains("rings")) {
    for (const auto& value : rings->as_array()) {
      rings_.emplace_back(text_of(value.as_object(), "queue"), number_of(value.as_object(), "after"));
    }
  }
}

void Plan::reopen(const json::object& asks, const std::vector<std::string>& queues, std::int64_t since) {
  if (!has(queues, queue_)) {
    Plan now(asks, since);
    now.require_ = merged(std::move(now.require_), require_);
    *this = std::move(now);
  }
  since_ = since;
  for (auto& preference : prefer_) preference.dropped = false;
}

void Plan::follow(const SeenConversation& c) {
  if (c.queue == queue_) return;
  queue_ = c.queue;
  if (!c.owner.empty()) return;
  prefer_.clear();
  rings_.clear();
}

bool Plan::nobody(const DeskState& state, const Levels& levels, const std::vector<std::string>& open,
                  const std::string& unless) const {
  return std::ranges::none_of(state.agents, [&](const auto& entry) {
    const auto& agent = entry.second;
    const bool serves = has(agent.queues, queue_) ||
                        std::ranges::any_of(open, [&agent](const auto& ring) { return has(agent.queues, ring); });
    return serves && meets(agent, levels) && (unless == "rostered" || agent.taking);
  });
}

Levels Plan::levels_at(const DeskState& state, const std::vector<std::string>& open) {
  auto levels = require_;
  std::int64_t end = 0;
  for (auto& preference : prefer_) {
    end += preference.lasts;
    const auto tried = merged(levels, preference.skills);
    if (state.now - since_ >= end) preference.dropped = true;
    if (!preference.unless.empty() && nobody(state, tried, open, preference.unless)) preference.dropped = true;
    if (!preference.dropped) levels = tried;
  }
  return levels;
}

std::optional<std::string> Plan::check(const DeskState& state, const SeenConversation& c) {
  std::vector<std::string> open;
  for (const auto& [queue, after] : rings_) {
    if (state.now - since_ >= after) open.push_back(queue);
  }
  const auto [levels, rings] = read_demand(c.demand);
  auto expected = levels_at(state, open);
  // Who has it may have been missing for a moment, between two calls of one event.
  if (levels != expected && prefer_.size() == 1 && !prefer_.front().unless.empty() && levels == require_) {
    prefer_.front().dropped = true;
    expected = require_;
  }
  if (levels == expected && rings == open) return std::nullopt;
  auto said = fmt::format("{} of {} asks for '{}' after {} ms, should for {} with rings {}; preferred", c.id, queue_,
                          c.demand, state.now - since_, expected, open);
  for (const auto& one : prefer_) {
    said += fmt::format(" {} for {} ms{}{}", one.skills, one.lasts, one.unless.empty() ? "" : " unless " + one.unless,
                        one.dropped ? " (dropped)" : "");
  }
  return said;
}

}  // namespace peyk::test
