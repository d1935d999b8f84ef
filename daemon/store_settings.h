// What a Redis server promises, read from its own answers.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/redis/reply.h"
#include "config/config.h"
#include "daemon/issue.h"

namespace peyk::daemon {

/// Names and values of an INFO answer ("redis_version" → "7.0.15"), or of CONFIG GET.
using StoreFacts = std::map<std::string, std::string, std::less<>>;

StoreFacts parse_info(std::string_view text);
StoreFacts parse_config(const redis::Reply& reply);

/// What falls short of `durability`, and what a desk must not run on: codes `store.durability`, `store.eviction`,
/// `store.settings_unknown` (CONFIG is not allowed to our user).
Issues judge_settings(const StoreFacts& config, config::Durability durability);

/// What changes while it runs: `store.disk_full`, `store.read_only`, `store.memory`, `store.replicas`.
Issues judge_state(const StoreFacts& info, const config::Redis& settings);

}  // namespace peyk::daemon
