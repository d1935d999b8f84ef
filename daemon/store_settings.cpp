#include "daemon/store_settings.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::daemon {
namespace {

constexpr double kMemoryWarning = 0.9;

std::string_view get(const StoreFacts& facts, std::string_view name) {
  const auto found = facts.find(name);
  return found == facts.end() ? std::string_view() : std::string_view(found->second);
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Issue durability_issue(std::string message) {
  return {"store.durability", "", std::move(message), false};
}

/// What the write-ahead file lacks for the durability that was asked for.
void judge_file(const StoreFacts& config, config::Durability durability, Issues& issues) {
  const auto fsync = get(config, "appendfsync");
  if (get(config, "appendonly") != "yes") {
    issues.push_back(durability_issue(
        "appendonly is off: what was acknowledged is lost when the store restarts. Set appendonly yes."));
  } else if (durability != config::Durability::relaxed && fsync != "always") {
    issues.push_back(durability_issue(fmt::format(
        "appendfsync is {}: a power failure loses the last second of acknowledged messages. Set appendfsync always, or "
        "redis.durability: relaxed.",
        fsync)));
  }
}

}  // namespace

StoreFacts parse_info(std::string_view text) {
  StoreFacts facts;
  for (const auto line : split(text, '\n')) {
    const auto clean = trim(line);
    const auto colon = clean.find(':');
    if (clean.starts_with('#') || colon == std::string_view::npos) continue;
    facts.emplace(clean.substr(0, colon), clean.substr(colon + 1));
  }
  return facts;
}

StoreFacts parse_config(const redis::Reply& reply) {
  StoreFacts facts;
  for (std::size_t at = 0; at + 1 < reply.items.size(); at += 2) {
    facts.emplace(reply.items[at].text, reply.items[at + 1].text);
  }
  return facts;
}

Issues judge_settings(const StoreFacts& config, config::Durability durability) {
  Issues issues;
  if (config.empty()) {
    issues.push_back({"store.settings_unknown", "",
                      "the store does not tell its settings (CONFIG GET is not allowed to our user), so that its "
                      "durability is not known",
                      false});
    return issues;
  }
  judge_file(config, durability, issues);
  const auto policy = get(config, "maxmemory-policy");
  if (!policy.empty() && policy != "noeviction" && number(get(config, "maxmemory")) > 0) {
    issues.push_back(
        {"store.eviction", "",
         fmt::format("maxmemory-policy is {}: a full store throws conversations away. Set noeviction.", policy),
         false});
  }
  return issues;
}

Issues judge_state(const StoreFacts& info, const config::Redis& settings) {
  Issues issues;
  if (get(info, "aof_last_write_status") == "err" || get(info, "aof_last_bgrewrite_status") == "err") {
    issues.push_back({"store.disk_full", "",
                      "the store could not write its file: its disk is full or broken. Messages are refused meanwhile.",
                      get(info, "aof_last_write_status") == "err"});
  }
  if (get(info, "role") == "slave") {
    issues.push_back(
        {"store.read_only", "", "the store is a replica and takes no writes: name its master in redis.url", true});
  }
  const auto limit = number(get(info, "maxmemory"));
  const auto used = number(get(info, "used_memory"));
  if (limit > 0 && static_cast<double>(used) > kMemoryWarning * static_cast<double>(limit)) {
    issues.push_back({"store.memory", "",
                      fmt::format("the store uses {} of the {} MiB it may: past them every message is refused",
                                  used >> 20U, limit >> 20U),
                      false});
  }
  const auto replicas = number(get(info, "connected_slaves"));
  if (settings.durability == config::Durability::replicated && replicas < settings.replicas) {
    issues.push_back({"store.replicas", "",
                      fmt::format("{} of {} replicas are connected: messages are refused until they are", replicas,
                                  settings.replicas),
                      true});
  }
  return issues;
}

}  // namespace peyk::daemon
