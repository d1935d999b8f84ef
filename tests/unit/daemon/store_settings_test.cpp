// What the store's INFO and CONFIG say of its promises.
#include "daemon/store_settings.h"

#include <doctest/doctest.h>

namespace peyk::daemon {
namespace {

std::string codes(const Issues& issues) {
  std::string text;
  for (const auto& issue : issues) text += (text.empty() ? "" : " ") + issue.code + (issue.fails ? "!" : "");
  return text;
}

const StoreFacts kGoodInfo{{"redis_version", "7.0.15"}, {"role", "master"}, {"aof_last_write_status", "ok"}};
const StoreFacts kGoodConfig{
    {"appendonly", "yes"}, {"appendfsync", "always"}, {"maxmemory", "0"}, {"maxmemory-policy", "noeviction"}};

StoreFacts with(StoreFacts facts, const std::string& name, const std::string& value) {
  facts[name] = value;
  return facts;
}

}  // namespace

TEST_CASE("INFO and CONFIG GET are read as names and values") {
  const auto info = parse_info("# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\n\r\nodd line\r\n");
  CHECK(info.size() == 2);
  CHECK(info.at("run_id") == "abc");
  redis::Reply reply;
  reply.kind = redis::Reply::Kind::array;
  for (const auto* text : {"appendonly", "yes", "odd"}) reply.items.push_back({redis::Reply::Kind::text, text, 0, {}});
  CHECK(parse_config(reply) == StoreFacts{{"appendonly", "yes"}});
}

TEST_CASE("settings that promise less than the durability asked for are said") {
  using config::Durability;
  CHECK(codes(judge_settings(kGoodConfig, Durability::disk)).empty());
  CHECK(codes(judge_settings(with(kGoodConfig, "appendfsync", "everysec"), Durability::disk)) == "store.durability");
  CHECK(codes(judge_settings(with(kGoodConfig, "appendfsync", "everysec"), Durability::relaxed)).empty());
  CHECK(codes(judge_settings(with(kGoodConfig, "appendonly", "no"), Durability::relaxed)) == "store.durability");
  CHECK(codes(judge_settings({}, Durability::disk)) == "store.settings_unknown");
  const auto evicting = with(with(kGoodConfig, "maxmemory", "1000000"), "maxmemory-policy", "allkeys-lru");
  CHECK(codes(judge_settings(evicting, Durability::disk)) == "store.eviction");
}

TEST_CASE("what goes wrong while the store runs is said, and what stops writes fails") {
  config::Redis settings;
  CHECK(codes(judge_state(kGoodInfo, settings)).empty());
  CHECK(codes(judge_state(with(kGoodInfo, "aof_last_write_status", "err"), settings)) == "store.disk_full!");
  CHECK(codes(judge_state(with(kGoodInfo, "role", "slave"), settings)) == "store.read_only!");
  const auto full = with(with(kGoodInfo, "maxmemory", "1000"), "used_memory", "950");
  CHECK(codes(judge_state(full, settings)) == "store.memory");
  settings.durability = config::Durability::replicated;
  settings.replicas = 2;
  CHECK(codes(judge_state(with(kGoodInfo, "connected_slaves", "1"), settings)) == "store.replicas!");
  CHECK(codes(judge_state(with(kGoodInfo, "connected_slaves", "2"), settings)).empty());
}

}  // namespace peyk::daemon
