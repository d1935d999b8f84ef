// What a reload takes away, so that work is moved and nothing is left on a queue that is not there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.h"

namespace peyk::config {

struct Diff {
  std::vector<QueueName> removed_queues;        // without a `retired_queues` entry: refused while they have work
  std::map<QueueName, QueueName> moved_queues;  // removed, and where their work goes
  std::vector<AgentName> removed_agents;        // what they hold goes back to its queue
  std::vector<ChannelName> removed_channels;    // replies through them can no longer be sent
  std::vector<std::string> needs_restart;       // keys that changed and take effect at the next start only
  bool routing_changed = false;                 // config_version differs
};

Diff difference(const Config& before, const Config& after);

/// Gives `next` the values of `running` for the keys that take effect at the next start only, so that nobody goes by
/// what is not in force.
void keep_until_restart(const Config& running, Config& next);

}  // namespace peyk::config
