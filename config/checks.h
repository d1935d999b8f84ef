// What no single key can know: references that must fit each other, cycles, impossible combinations.
#pragma once

#include <initializer_list>
#include <map>
#include <string_view>

#include "config/config.h"
#include "config/context.h"

namespace peyk::config {

/// Where the deepest key of `path` that is there stands: its value when that is a scalar, else the key. Starts at
/// `member`, or at the root.
Mark mark_of(const Member& member, std::initializer_list<std::string_view> path);
Mark mark_of(const Node& root, std::initializer_list<std::string_view> path);

/// Calls `visit(value, member)` for each entry of `values` in the order in which section `key` of the file names them.
template <typename Name, typename Value, typename Visit>
void in_file_order(const Node& root, std::string_view key, const std::map<Name, Value>& values, Visit visit) {
  const auto* section = root.find(key);
  if (section == nullptr) return;
  for (const auto& member : section->value->members) {
    const auto found = values.find(Name(member.key));
    if (found != values.end()) visit(found->second, member);
  }
}

/// Each reports to `context`; `config` was read from `root`.
void check_operation(Context& context, const Node& root, const Config& config);
void check_channels(Context& context, const Node& root, const Config& config);
void check_queues(Context& context, const Node& root, const Config& config);
void check_routes(Context& context, const Node& root, const Config& config);
void check_agents(Context& context, const Node& root, const Config& config);

/// The rings of `queue`, or of a route to it; `mark` is where they stand.
void check_rings(Context& context, const Mark& mark, const QueueName& queue, const std::vector<Ring>& rings);

/// Fills in what follows from other keys: joins paths, takes the only mail channel, resolves locales.
void complete(Context& context, const Node& root, Config& config);

}  // namespace peyk::config
