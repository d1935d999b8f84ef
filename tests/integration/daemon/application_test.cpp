// The whole daemon: REST, files, who acts for whom, reload, drain, a store of its own.
#include "daemon/application.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/daemon_house.h"
#include "tests/support/http_wire.h"

namespace peyk::daemon {

using namespace std::chrono_literals;
using net::Method;
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

asio::awaitable<std::string> send_head(std::uint16_t port, std::string head) {
  auto wire = co_await test::Wire::open(port);
  co_await wire.send(std::move(head));
  co_return co_await wire.answer();
}

/// What an upload is answered of which nothing but the head is sent.
std::string answer_to_head(test::Loop& loop, std::uint16_t port, const std::string& token, int bytes) {
  return loop.run(send_head(port, "POST /api/v1/attachments HTTP/1.1\r\nHost: desk.test\r\nAuthorization: Bearer " +
                                      token + "\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n"));
}

}  // namespace

TEST_CASE_FIXTURE(test::DaemonFixture, "a supervisor acts for an agent, and the record names both") {
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

TEST_CASE_FIXTURE(test::DaemonFixture, "an agent sees who helps him, and who helps sees whom") {
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

TEST_CASE_FIXTURE(test::DaemonFixture, "REST does what the sockets do, under the same permissions") {
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

TEST_CASE_FIXTURE(test::DaemonFixture, "files go up and come down to those alone who may see them") {
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

TEST_CASE_FIXTURE(test::DaemonFixture,
                  "an agent who sent a day's files is told when he may again, before one is read") {
  house.edit("{kind: form}", "{kind: form}\n  site-chat: {kind: chat, limits: {attachment: 1KiB}}");
  house.start();
  const auto token = house.log_in("ani");
  const auto send = [&](std::size_t bytes, const std::string& who) {
    return house.ask(Method::post, "/api/v1/attachments", std::string(bytes, 'x'), who);
  };
  for (int i = 0; i < 99; ++i) REQUIRE(send(1024, token).status == 201);
  REQUIRE(send(1000, token).status == 201);
  const auto refused = send(25, token);
  CHECK(refused.status == 429);
  CHECK(answer_to_head(loop, house.application().ports().at(0), token, 25).starts_with("HTTP/1.1 429"));
  const auto wait = std::stoi(std::string(refused.headers.get("Retry-After")));
  CHECK(wait > 86'400 - 900);
  CHECK(wait <= 86'400);
  CHECK(send(24, token).status == 201);
  CHECK(send(1, token).status == 429);
  CHECK(send(1024, house.log_in("bela")).status == 201);
}

TEST_CASE_FIXTURE(test::DaemonFixture, "a reload swaps the configuration, or keeps the old one and says why") {
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

TEST_CASE_FIXTURE(test::DaemonFixture, "an agent whom a reload takes away is logged out and his socket closed") {
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

TEST_CASE_FIXTURE(test::DaemonFixture, "a drain ends sockets and requests and leaves the queues as they are") {
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
