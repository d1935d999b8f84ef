// What a reload may change on the desk of a random day: settings, agents, queues; and who has not heard of it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tests/support/traffic.h"

namespace peyk::test {

void Traffic::write_settings() {
  acted_ = true;
  first_.call("roster_settings", settings_);
  for (const auto& [name, value] : settings_["kinds"].as_object()) {
    const auto& rules = value.as_object();
    KindModel kind{number_of(rules, "weight"), std::nullopt, {}};
    if (rules.contains("max")) kind.max = number_of(rules, "max");
    if (const auto* others = rules.if_contains("interrupts")) {
      for (const auto& other : others->as_array()) kind.interrupts.emplace_back(other.as_string());
    }
    model_.kinds[name] = std::move(kind);
  }
}

void Traffic::write_agent(const std::string& name) {
  json::object skills;
  for (const auto& skill : kSkills) {
    if (chance(70)) skills[skill] = 1 + below(5);
  }
  json::array queues;
  for (const auto& queue : queues_) {
    if (chance(60)) queues.emplace_back(queue);
  }
  constexpr std::array kCapacities{100, 200, 300, 400, 600};
  acted_ = true;
  json::object agent{{"agent", name},
                     {"skills", skills},
                     {"queues", queues},
                     {"capacity", kCapacities.at(static_cast<std::size_t>(below(5)))}};
  if (auto kinds = own_kinds(name); !kinds.empty()) agent["kinds"] = std::move(kinds);
  if (chance(10)) agent["on_shift"] = false;
  store().call("roster_agent", std::move(agent));
}

json::object Traffic::own_kinds(const std::string& agent) {
  constexpr std::array kWeights{50, 100, 200, 300};
  json::object said;
  auto& known = model_.own_kinds[agent];
  known.clear();
  for (const auto& [kind, rules] : model_.kinds) {
    if (!chance(25)) continue;
    auto& own = known[kind];
    if (chance(60)) own.weight = kWeights.at(static_cast<std::size_t>(below(4)));
    if (chance(50)) own.max = below(4);
    json::object one;
    if (own.weight) one["weight"] = *own.weight;
    if (own.max) one["max"] = *own.max;
    if (!one.empty()) said[kind] = std::move(one);
  }
  return said;
}

void Traffic::write_queue(const std::string& name) {
  auto queue = standard_queue(name);
  queue["wrap_up"] = chance(50) ? 0 : 5000;
  queue["offer"].as_object()["parallel"] = model_.parallel;
  if (name == "cooks") {
    queue["overflow"] = json::array{json::object{{"waiting", 4}, {"to", {{"queue", "service"}, {"promise_s", 60}}}},
                                    json::object{{"after", 20'000}, {"to", {{"queue", "billing"}}}}};
  }
  acted_ = true;
  first_.call("roster_queue", queue);
}

void Traffic::change_roster() {
  const int dice = below(100);
  if (dice < 50) {
    write_agent(any_agent());
  } else if (dice < 65) {
    settings_["kinds"].as_object()["email"].as_object()["weight"] = chance(50) ? 100 : 200;
    write_settings();
  } else if (dice < 80) {
    leave_for_good(any_agent());
  } else if (dice < 90) {
    change_queues();
  } else if (const auto [agent, offer] = any_offer(); offer != nullptr) {
    call("withdraw", {{"conversation", offer->conversation}, {"actor", actor("mehri")}});
    return;
  }
  commit();
}

void Traffic::leave_for_good(const std::string& agent) {
  for (const auto& id : before_.agents.at(agent).work) model_.routed(id);
  while (call("roster_remove_agent", {{"agent", agent}, {"limit", 2}}).contains("left")) {
  }
  write_agent(agent);
}

// A queue is retired, its work going to another; or the one that is gone comes back.
void Traffic::change_queues() {
  if (queues_.size() == kQueues.size()) {
    retire(kQueues.at(chance(50) ? 1 : 2));
    return;
  }
  for (const auto& name : kQueues) {
    if (std::ranges::find(queues_, name) == queues_.end()) write_queue(name);
  }
  queues_ = kQueues;
  for (int i = 0; i < 3; ++i) write_agent(any_agent());
}

// In the order of a reload: nobody serves it any more when it goes.
void Traffic::retire(const std::string& queue) {
  std::erase(queues_, queue);
  for (const auto& name : agents_) write_agent(name);
  const json::object arguments{{"queue", queue}, {"to", {{"queue", one_of(queues_)}, {"promise_s", 60}}}, {"limit", 3}};
  while (call("roster_remove_queue", arguments).contains("left")) {
  }
}

// The other daemon has still the configuration from before, and is told so.
void Traffic::commit() {
  const auto before = fmt::format("config-{}", reloads_++);
  call("roster_commit", {{"config", fmt::format("config-{}", reloads_)}});
  const auto refused = second_.raw("renew", {{"agent", any_agent()}, {"socket", "1"}}, "{}", "", before);
  expect("a daemon that is behind", "stale", text_of(refused, "error"));
}

}  // namespace peyk::test
