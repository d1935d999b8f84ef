// What /health, /readyz and /metrics of the whole daemon say: of its store, its queues, its work.
#include <algorithm>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/daemon_house.h"

namespace peyk::daemon {

using namespace std::chrono_literals;
using net::Method;

TEST_CASE_FIXTURE(test::DaemonFixture,
                  "without its store the daemon lives, is not ready, says why, and comes back by itself") {
  house.start();
  CHECK(house.ask(Method::get, "/readyz").status == 200);
  const auto begin = std::chrono::steady_clock::now();
  SUBCASE("killed") {
    redis.kill9();
    house.wait_for_status("/readyz", 503);
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
    CHECK(house.form("Lost?").status == 503);
    CHECK(house.wait_for_issue("store.down"));
    redis.start();
  }
  SUBCASE("frozen") {
    redis.freeze();
    house.wait_for_status("/readyz", 503);
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
    const auto refused = house.form("Lost?");
    CHECK(refused.status == 503);
    CHECK(refused.headers.has("Retry-After"));
    CHECK(house.ask(Method::get, "/health").status == 503);
    redis.thaw();
  }
  CHECK(house.ask(Method::get, "/livez").status == 200);
  house.wait_for_status("/readyz", 200);
  CHECK(house.wait_for_issue("store.down", false));
  CHECK(house.form("Found.").status == 202);
}

TEST_CASE_FIXTURE(test::DaemonFixture, "settings of the store that promise too little are said") {
  redis.command({"CONFIG", "SET", "appendfsync", "everysec"});
  redis.command({"CONFIG", "SET", "maxmemory", "100000000"});
  redis.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  house.start();
  CHECK(house.wait_for_issue("store.durability"));
  CHECK(house.wait_for_issue("store.eviction"));
}

TEST_CASE_FIXTURE(test::DaemonFixture, "a store that became a replica fails the health, and recovers") {
  house.start();
  redis.command({"REPLICAOF", "127.0.0.1", "1"});
  CHECK(house.wait_for_issue("store.read_only"));
  CHECK(house.ask(Method::get, "/health").status == 503);
  redis.command({"REPLICAOF", "NO", "ONE"});
  CHECK(house.wait_for_issue("store.read_only", false));
}

TEST_CASE_FIXTURE(test::DaemonFixture, "a queue past its promise, and one that nobody serves, are issues") {
  house.edit("service: {promise: {first_reply: 2m", "service: {promise: {first_reply: 1s");
  house.edit("  billing: {promise", "  lonely: {promise: {first_reply: 2m, resolve: 2d}}\n  billing: {promise");
  house.start();
  house.form("Nobody is here.");
  CHECK(house.wait_for_issue("queue.unserved"));
  CHECK(house.wait_for_issue("queue.promise_missed"));
  const auto health = house.json(house.ask(Method::get, "/health"));
  CHECK(health.at("status") == "warn");
  CHECK(health.at("checks").at("queue:service").at("waiting") == 1);
}

TEST_CASE_FIXTURE(test::DaemonFixture, "metrics have the contract's names") {
  house.start();
  auto socket = available("ani");
  house.form("Count me.");
  const auto conversation = take(*socket).offer.at("conversation");
  house.send(*socket,
             {{"type", "reply"}, {"id", "r"}, {"conversation", conversation}, {"key", "k"}, {"text", "Counted."}});
  house.next(*socket, "ok");
  const auto lines = {"peyk_messages_total{channel=\"contact-form\",direction=\"in\"} 1",
                      "peyk_offers_total{outcome=\"accepted\"} 1",
                      "peyk_queue_waiting{queue=\"service\"} 0",
                      "peyk_queue_oldest_seconds{queue=\"service\"}",
                      "peyk_first_reply_seconds_count{queue=\"service\"} 1",
                      "peyk_agents{state=\"available\"} 1",
                      "peyk_wait_seconds_count{queue=\"service\"} 1",
                      "peyk_process{what=\"agent_sockets\"} 1",
                      "peyk_process{what=\"http_refused\"} 0",
                      "peyk_process{what=\"http_bodies_refused\"} 0",
                      "peyk_offer_seconds_count 1",
                      "peyk_intake_seconds_count{channel=\"contact-form\"} 1"};
  std::string metrics;
  loop.eventually([&] {
    metrics = house.ask(Method::get, "/metrics").body;
    return std::ranges::all_of(lines, [&](const auto* line) { return metrics.find(line) != std::string::npos; });
  });
  for (const auto* line : lines) {
    CAPTURE(line);
    CHECK(metrics.find(line) != std::string::npos);
  }
  CHECK(metrics.find("peyk_process{what=\"http_requests\"} 0") == std::string::npos);
}

}  // namespace peyk::daemon
