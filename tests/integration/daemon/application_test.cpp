// The whole daemon: agents' sockets and REST, health, reload, drain, an absent store.
#include "daemon/application.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/daemon_house.h"

namespace peyk::daemon {
namespace {

using namespace std::chrono_literals;
using net::Method;
namespace json = boost::json;

using Fixture = test::DaemonFixture;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a form is offered to an agent's socket, answered and resolved there") {
  house.start();
  auto socket = available("ani");
  const auto receipt = house.json(house.form("My cooler drips."));
  const auto offer = house.next(*socket, "offer");
  CHECK(offer.at("conversation") == receipt.at("conversation"));
  CHECK(offer.at("preview") == "My cooler drips.");
  CHECK(offer.at("queue") == "service");
  CHECK_FALSE(text(offer.at("why")).empty());
  CHECK(offer.at("history").at("count") == 0);
  house.send(*socket, {{"type", "accept"}, {"id", "a"}, {"offer", offer.at("offer")}});
  const auto assigned = house.next(*socket, "assigned");
  CHECK(assigned.at("detail").at("messages").as_array().size() >= 1);

  house.send(*socket, {{"type", "reply"},
                       {"id", "r"},
                       {"conversation", receipt.at("conversation")},
                       {"key", "k1"},
                       {"text", "We come tomorrow."}});
  const auto message = house.next(*socket, "message");
  CHECK(message.at("message").at("text") == "We come tomorrow.");
  house.send(*socket,
             {{"type", "resolve"}, {"id", "x"}, {"conversation", receipt.at("conversation")}, {"outcome", "solved"}});
  for (json::object updated; updated["state"] != "resolved";) updated = house.next(*socket, "updated");
}

TEST_CASE_FIXTURE(Fixture, "a second socket of an agent shows what the first one has, and his leaving is known") {
  house.start();
  auto first = available("ani");
  house.form("One.");
  const auto offer = take(*first).offer;
  auto second = house.open(house.log_in("ani"));
  const auto welcome = house.next(*second, "welcome");
  CHECK(welcome.at("agent") == "ani");
  CHECK(welcome.at("presence") == "available");
  REQUIRE(welcome.at("conversations").as_array().size() == 1);
  CHECK(welcome.at("conversations").at(0).at("id") == offer.at("conversation"));
  first->close(1000, "");
  loop.run_for(200ms);
  const auto still = house.json(house.ask(Method::get, "/api/v1/me", "", house.log_in("ani")));
  CHECK(still.at("connected") == true);
  second->close(1000, "");
  CHECK(loop.eventually([&] {
    return house.json(house.ask(Method::get, "/api/v1/me", "", house.log_in("ani"))).at("connected") == false;
  }));
}

TEST_CASE_FIXTURE(Fixture,
                  "an offer that ends is revoked with its reason on the sockets that did not end it themselves") {
  house.edit("offer: {timeout: 30s}", "offer: {timeout: 1s, cooldown: 1s, misses_before_away: 0}");
  house.start();
  auto first = available("ani");
  auto second = house.open(house.log_in("ani"));
  house.next(*second, "welcome");
  const auto id = house.json(house.form("One.")).at("conversation");
  const auto offer = house.next(*first, "offer");
  CHECK(house.next(*second, "offer").at("offer") == offer.at("offer"));
  const auto expired = house.next(*first, "revoked");
  CHECK(expired.at("offer") == offer.at("offer"));
  CHECK(expired.at("reason") == "expired");
  CHECK(house.next(*second, "revoked").at("reason") == "expired");

  const auto again = house.next(*first, "offer");
  CHECK(again.at("conversation") == id);
  house.send(*first, {{"type", "decline"}, {"id", "d"}, {"offer", again.at("offer")}, {"reason", "lunch"}});
  CHECK(house.next(*first, "ok").at("re") == "d");
  for (json::object revoked; revoked["offer"] != again.at("offer");) revoked = house.next(*second, "revoked");
  // The next thing told to the socket that declined is the next offer, not that its own decline took place.
  loop.run_for(100ms);
  const auto next = loop.run(first->read());
  REQUIRE(next.has_value());
  CHECK(next->find("revoked") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an offer taken back because its agent went on a break says so") {
  house.start();
  auto first = available("ani");
  auto second = house.open(house.log_in("ani"));
  house.next(*second, "welcome");
  house.form("One.");
  const auto offer = house.next(*second, "offer");
  house.send(*first, {{"type", "presence"}, {"id", "b"}, {"state", "break"}});
  const auto revoked = house.next(*second, "revoked");
  CHECK(revoked.at("offer") == offer.at("offer"));
  CHECK(revoked.at("reason") == "presence");
}

TEST_CASE_FIXTURE(Fixture, "a supervisor acts for an agent, and the record names both") {
  house.start();
  auto socket = available("ani");
  const auto id = text(house.json(house.form("One.")).at("conversation"));
  take(*socket);
  const auto mehri = house.log_in("mehri");
  const auto path = "/api/v1/conversations/" + id;
  CHECK(house.ask(Method::post, path + "/reply", R"({"key":"k","text":"I help.","agent":"ani"})", mehri).status == 200);
  CHECK(house.ask(Method::post, path + "/reply", R"({"key":"l","text":"Again."})", mehri).status == 200);
  const auto detail = house.json(house.ask(Method::get, path, "", mehri));
  CHECK(detail.at("agent") == "ani");
  CHECK(house.ask(Method::post, "/api/v1/me/presence", R"({"state":"break","agent":"ani"})", mehri).status == 200);
  CHECK(house.next(*socket, "presence").at("state") == "break");
}

TEST_CASE_FIXTURE(Fixture, "an agent sees who helps him, and who helps sees whom") {
  house.edit("capacity: 5}\n  bela", "capacity: 5, supervisor: mehri}\n  bela");
  house.start();
  const auto ani = house.json(house.ask(Method::get, "/api/v1/me", "", house.log_in("ani")));
  CHECK(ani.at("supervisor") == json::object{{"agent", "mehri"}, {"name", "Mehri"}});
  CHECK(ani.at("team").as_array().empty());
  const auto mehri = house.log_in("mehri");
  CHECK(house.json(house.ask(Method::get, "/api/v1/me", "", mehri)).at("team") == json::array{"ani"});
  const auto listed = house.json(house.ask(Method::get, "/api/v1/agents", "", mehri));
  for (const auto& agent : listed.at("agents").as_array()) {
    CHECK(agent.at("supervisor").is_null() == (agent.at("name") != "ani"));
  }
}

TEST_CASE_FIXTURE(Fixture, "bad frames are answered and harm nothing") {
  house.start();
  auto socket = available("ani");
  const auto refused = [&](const json::object& frame) {
    house.send(*socket, frame);
    return text(house.next(*socket, "error").at("code"));
  };
  socket->send("{no json");
  CHECK(house.next(*socket, "error").at("code") == "invalid");
  CHECK(refused({{"id", 1}}) == "invalid");
  CHECK(refused({{"type", "dance"}, {"id", 2}}) == "invalid");
  CHECK(refused({{"type", "accept"}, {"id", 3}, {"offer", "o_none"}}) == "not_found");
  CHECK(refused({{"type", "accept"}, {"id", 4}, {"offer", 7}}) == "unprocessable");
  CHECK(refused({{"type", "reply"}, {"id", 5}, {"conversation", "c_none"}, {"key", "k"}, {"text", "x"}}) ==
        "not_found");
  CHECK(refused({{"type", "presence"}, {"id", 6}, {"state", "busy"}, {"agent", "bela"}}) == "forbidden");
  CHECK(refused({{"type", "presence"}, {"id", 7}, {"state", "busy"}, {"more", 1}}) == "unprocessable");
  house.send(*socket, {{"type", "presence"}, {"id", 8}, {"state", "busy"}});
  CHECK(house.next(*socket, "ok").at("re") == 8);
}

TEST_CASE_FIXTURE(Fixture, "a socket without a session is refused") {
  house.start();
  auto socket = house.open("nonsense");
  CHECK(house.next(*socket, "error").at("code") == "unauthorized");
  CHECK_FALSE(loop.run(socket->read()).has_value());
}

TEST_CASE_FIXTURE(Fixture, "REST does what the sockets do, under the same permissions") {
  house.start();
  CHECK(house.ask(Method::get, "/api/v1/me").status == 401);
  const auto token = house.log_in("ani");
  const auto bela = house.log_in("bela");
  auto socket = available("ani");
  const auto id = text(house.json(house.form("Help.")).at("conversation"));
  take(*socket);
  const auto path = "/api/v1/conversations/" + id;
  CHECK(house.ask(Method::get, path, "", bela).status == 403);
  CHECK(house.ask(Method::get, path + "/explain", "", token).status == 200);
  CHECK(house.ask(Method::get, "/api/v1/conversations?colour=red", "", token).status == 422);
  CHECK(house.ask(Method::get, "/api/v1/conversations?state=lost", "", token).status == 422);
  CHECK(house.json(house.ask(Method::get, "/api/v1/conversations?state=active", "", token))
            .at("conversations")
            .as_array()
            .size() == 1);
  CHECK(house.json(house.ask(Method::get, "/api/v1/conversations", "", bela)).at("conversations").as_array().empty());
  CHECK(house.ask(Method::post, path + "/reply", R"({"key":"k","text":"Hi","x":1})", token).status == 422);
  CHECK(house.ask(Method::post, path + "/reply", R"({"key":"k","text":"Hi"})", bela).status == 403);
  CHECK(house.ask(Method::post, path + "/reply", R"({"key":"k","text":"Hi"})", token).status == 200);
  const auto again = house.ask(Method::post, path + "/reply", R"({"key":"k","text":"Hi"})", token);
  CHECK(again.status == 200);
  CHECK(house.ask(Method::post, path + "/note", R"({"text":"watch him"})", house.log_in("mehri")).status == 200);
  CHECK(house.ask(Method::post, path + "/transfer", R"({"queue":"billing"})", house.log_in("mehri")).status == 200);
  CHECK(house.ask(Method::post, path + "/dance", "{}", token).status == 404);
  CHECK(house.ask(Method::get, "/api/v1/audit", "", house.log_in("mehri")).status == 403);
  const auto audit = house.ask(Method::get, "/api/v1/audit", "", house.log_in("root"));
  REQUIRE(audit.status == 200);
  CHECK(house.json(audit).at("findings").as_array().empty());
  CHECK(house.ask(Method::del, "/api/v1/session", "", token).status == 204);
  CHECK(house.ask(Method::get, "/api/v1/me", "", token).status == 401);
}

TEST_CASE_FIXTURE(Fixture, "files go up and come down to those alone who may see them") {
  house.start();
  const auto token = house.log_in("ani");
  const auto added = house.ask(Method::post, "/api/v1/attachments?name=..%2Fbill.html", "<script>x</script>", token);
  REQUIRE(added.status == 201);
  const auto path = "/api/v1/attachments/" + text(house.json(added).at("attachment"));
  CHECK(house.json(added).at("name") == "bill.html");
  const auto got = house.ask(Method::get, path, "", token);
  CHECK(got.status == 200);
  CHECK(got.body == "<script>x</script>");
  CHECK(got.headers.get("Content-Disposition").starts_with("attachment;"));
  CHECK(house.ask(Method::get, path, "", house.log_in("bela")).status == 404);
  CHECK(house.ask(Method::get, path).status == 401);
}

TEST_CASE_FIXTURE(Fixture, "without its store the daemon lives, is not ready, says why, and comes back by itself") {
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

TEST_CASE_FIXTURE(Fixture, "a reload swaps the configuration, or keeps the old one and says why") {
  house.start();
  const auto root = house.log_in("root");
  CHECK(house.ask(Method::post, "/api/v1/reload", "", house.log_in("mehri")).status == 403);
  house.edit("first_reply: 2m, resolve: 2d}, offer", "first_reply: 2m, resolve: 2d}, colour: red, offer");
  const auto refused = house.ask(Method::post, "/api/v1/reload", "", root);
  CHECK(refused.status == 422);
  CHECK(house.json(refused).at("errors").as_array().size() == 1);
  CHECK(house.wait_for_issue("config.reload_failed"));
  CHECK(house.form("Still served.").status == 202);
  house.edit("colour: red, ", "");
  house.edit("capacity: 5}\n  bela", "capacity: 7}\n  bela");
  const auto taken = house.ask(Method::post, "/api/v1/reload", "", root);
  CHECK(taken.status == 200);
  CHECK(house.wait_for_issue("config.reload_failed", false));
  CHECK(house.json(house.ask(Method::get, "/api/v1/me", "", house.log_in("ani"))).at("capacity") == 7);
}

TEST_CASE_FIXTURE(Fixture, "an agent whom a reload takes away is logged out and his socket closed") {
  house.start();
  auto socket = house.open(house.log_in("bela"));
  house.next(*socket, "welcome");
  const auto token = house.log_in("bela");
  house.edit(
      "  bela: {name: Bela, email: bela@desk.test, password_hash_file: agent.hash, queues: [billing], capacity: 5}\n",
      "");
  REQUIRE(reload().status == 200);
  CHECK(house.ask(Method::get, "/api/v1/me", "", token).status == 401);
  CHECK_THROWS(house.next(*socket, "never"));
  CHECK_FALSE(socket->open());
}

TEST_CASE_FIXTURE(Fixture, "a drain ends sockets and requests and leaves the queues as they are") {
  house.start();
  auto socket = available("ani");
  house.form("One.");
  take(*socket);
  const auto id = text(house.json(house.form("Two.")).at("conversation"));
  const auto begin = std::chrono::steady_clock::now();
  house.stop();
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  for (bool more = true; more;) more = loop.run(socket->read()).has_value();
  CHECK_FALSE(socket->open());
  house.start();
  const auto kept = house.ask(Method::get, "/api/v1/conversations/" + id, "", house.log_in("mehri"));
  CHECK(kept.status == 200);
}

TEST_CASE_FIXTURE(Fixture, "settings of the store that promise too little are said") {
  redis.command({"CONFIG", "SET", "appendfsync", "everysec"});
  redis.command({"CONFIG", "SET", "maxmemory", "100000000"});
  redis.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  house.start();
  CHECK(house.wait_for_issue("store.durability"));
  CHECK(house.wait_for_issue("store.eviction"));
}

TEST_CASE_FIXTURE(Fixture, "a store that became a replica fails the health, and recovers") {
  house.start();
  redis.command({"REPLICAOF", "127.0.0.1", "1"});
  CHECK(house.wait_for_issue("store.read_only"));
  CHECK(house.ask(Method::get, "/health").status == 503);
  redis.command({"REPLICAOF", "NO", "ONE"});
  CHECK(house.wait_for_issue("store.read_only", false));
}

TEST_CASE_FIXTURE(Fixture, "a queue past its promise, and one that nobody serves, are issues") {
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

TEST_CASE_FIXTURE(Fixture, "metrics have the contract's names") {
  house.start();
  auto socket = available("ani");
  house.form("Count me.");
  const auto conversation = take(*socket).offer.at("conversation");
  house.send(*socket,
             {{"type", "reply"}, {"id", "r"}, {"conversation", conversation}, {"key", "k"}, {"text", "Counted."}});
  house.next(*socket, "ok");
  loop.run_for(1500ms);
  const auto metrics = house.ask(Method::get, "/metrics").body;
  for (const auto* line :
       {"peyk_messages_total{channel=\"contact-form\",direction=\"in\"} 1", "peyk_offers_total{outcome=\"accepted\"} 1",
        "peyk_queue_waiting{queue=\"service\"} 0", "peyk_queue_oldest_seconds{queue=\"service\"}",
        "peyk_first_reply_seconds_count{queue=\"service\"} 1", "peyk_agents{state=\"available\"} 1",
        "peyk_wait_seconds_count{queue=\"service\"} 1", "peyk_process{what=\"agent_sockets\"} 1",
        "peyk_process{what=\"http_refused\"} 0", "peyk_offer_seconds_count 1",
        "peyk_intake_seconds_count{channel=\"contact-form\"} 1"}) {
    CAPTURE(line);
    CHECK(metrics.find(line) != std::string::npos);
  }
  CHECK(metrics.find("peyk_process{what=\"http_requests\"} 0") == std::string::npos);
}

TEST_CASE("a daemon with a store of its own is ready within a second and takes it down with it") {
  test::Loop loop;
  test::DaemonHouse house(loop, "{embedded: true}");
  const auto begin = std::chrono::steady_clock::now();
  house.start();
  CHECK(house.ask(Method::get, "/readyz").status == 200);
  MESSAGE("ready after ", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), " s");
  CHECK(house.form("Kept.").status == 202);
  house.stop();
  house.start();
  const auto listed = house.ask(Method::get, "/api/v1/conversations", "", house.log_in("mehri"));
  CHECK(house.json(listed).at("conversations").as_array().size() == 1);
}

}  // namespace peyk::daemon
