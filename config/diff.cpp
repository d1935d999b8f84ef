#include "config/diff.h"

namespace peyk::config {
namespace {

bool same_store(const Redis& left, const Redis& right) {
  return left.embedded == right.embedded && left.url == right.url && left.user == right.user &&
         left.password == right.password && left.ca_file == right.ca_file && left.durability == right.durability &&
         left.replicas == right.replicas && left.timeout == right.timeout;
}

std::vector<std::string> needs_restart(const Config& before, const Config& after) {
  std::vector<std::string> keys;
  if (before.desk != after.desk) keys.emplace_back("desk");
  if (before.state_dir != after.state_dir) keys.emplace_back("state_dir");
  if (!same_store(before.redis, after.redis)) keys.emplace_back("redis");
  if (before.http.listen != after.http.listen) keys.emplace_back("http.listen");
  return keys;
}

template <typename Name, typename Value>
std::vector<Name> removed(const std::map<Name, Value>& before, const std::map<Name, Value>& after) {
  std::vector<Name> names;
  for (const auto& [name, value] : before) {
    if (!after.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace

Diff difference(const Config& before, const Config& after) {
  Diff diff;
  for (const auto& name : removed(before.queues, after.queues)) {
    const auto retired = after.retired_queues.find(name);
    if (retired == after.retired_queues.end()) {
      diff.removed_queues.push_back(name);
    } else {
      diff.moved_queues.emplace(name, retired->second);
    }
  }
  diff.removed_agents = removed(before.agents, after.agents);
  diff.removed_channels = removed(before.channels, after.channels);
  diff.needs_restart = needs_restart(before, after);
  diff.routing_changed = before.config_version != after.config_version;
  return diff;
}

void keep_until_restart(const Config& running, Config& next) {
  next.desk = running.desk;
  next.state_dir = running.state_dir;
  next.redis = running.redis;
  next.http.listen = running.http.listen;
}

}  // namespace peyk::config
