// Breaks with configured reasons, over the whole daemon: asked for, refused, shown to those who wait and who watch.
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/daemon_house.h"

namespace peyk::daemon {
namespace {

using net::Method;
namespace json = boost::json;

struct Fixture : test::DaemonFixture {
  /// What GET /api/v1/agents says of ani.
  json::object seen() {
    const auto agents = house.json(house.ask(Method::get, "/api/v1/agents", "", house.log_in("mehri")));
    for (const auto& agent : agents.at("agents").as_array()) {
      if (agent.at("name") == "ani") return agent.as_object();
    }
    return {};
  }
  json::object explained(const std::string& id) {
    return house.json(house.ask(Method::get, "/api/v1/conversations/" + id + "/explain", "", house.log_in("mehri")));
  }
};

bool says(const json::value& value, std::string_view words) {
  return std::string_view(value.as_string()).find(words) != std::string_view::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a break is given one of the configured reasons, and whoever asks is told which") {
  house.edit("grace: 2s}", "grace: 2s, break_reasons: [lunch, prayer]}");
  house.start();
  auto socket = available("ani");
  house.send(*socket, {{"type", "presence"}, {"id", 1}, {"state", "break"}, {"reason", "lunch"}});
  const auto ok = house.next(*socket, "ok");
  CHECK(ok.at("state") == "break");
  CHECK(ok.at("reason") == "lunch");
  CHECK(seen().at("presence") == "break");
  CHECK(seen().at("reason") == "lunch");

  const auto id = text(house.json(house.form("Help.")).at("conversation"));
  const auto waits = explained(id);
  CHECK(waits.at("ruled_out").at("break") == 1);
  CHECK(waits.at("counts").at("break") == 1);
  CHECK(waits.at("candidates").at(0) == json::value({{"agent", "ani"}, {"reason", "break"}, {"detail", "lunch"}}));
  CHECK(says(waits.at("text"), "ani: on a break (lunch)"));

  // Back at his desk he gets what waited, and the decision still says what it had waited for.
  house.send(*socket, {{"type", "presence"}, {"id", 2}, {"state", "available"}});
  CHECK(house.next(*socket, "offer").at("conversation") == json::string(id));
  CHECK(explained(id).at("decision").at("waited").at("ruled_out").at("break") == 1);
  CHECK(seen().at("reason").is_null());
}

TEST_CASE_FIXTURE(Fixture, "a break without one of the configured reasons is refused, and changes nothing") {
  house.edit("grace: 2s}", "grace: 2s, break_reasons: [lunch, prayer]}");
  house.start();
  auto socket = available("ani");
  for (const auto* reason : {"fishing", "", "Lunch"}) {
    CAPTURE(reason);
    house.send(*socket, {{"type", "presence"}, {"id", 1}, {"state", "break"}, {"reason", reason}});
    const auto refused = house.next(*socket, "error");
    CHECK(refused.at("re") == 1);
    CHECK(says(refused.at("message"), "one of the configured reasons"));
  }
  const auto answer = house.ask(Method::post, "/api/v1/me/presence", R"({"state":"break"})", house.log_in("ani"));
  CHECK(answer.status == 422);
  const auto problem = house.json(answer);
  CHECK(problem.at("errors").at(0) == json::value({{"field", "reason"}, {"message", "must be one of lunch, prayer"}}));
  CHECK(seen().at("presence") == "available");
  // Other states take any reason, or none.
  house.send(*socket, {{"type", "presence"}, {"id", 2}, {"state", "busy"}, {"reason", "fishing"}});
  CHECK(house.next(*socket, "ok").at("reason") == "fishing");
}

TEST_CASE_FIXTURE(Fixture, "reasons that a reload brings hold from then on; without any, every text is one") {
  house.start();
  auto socket = available("ani");
  house.send(*socket, {{"type", "presence"}, {"id", 1}, {"state", "break"}, {"reason", "fishing"}});
  CHECK(house.next(*socket, "ok").at("reason") == "fishing");
  house.edit("grace: 2s}", "grace: 2s, break_reasons: [lunch]}");
  REQUIRE(reload().status == 200);
  CHECK(seen().at("reason") == "fishing");  // what he is on, he finishes
  house.send(*socket, {{"type", "presence"}, {"id", 2}, {"state", "break"}, {"reason", "fishing"}});
  CHECK(house.next(*socket, "error").at("re") == 2);
  house.send(*socket, {{"type", "presence"}, {"id", 3}, {"state", "break"}, {"reason", "lunch"}});
  CHECK(house.next(*socket, "ok").at("reason") == "lunch");
}

}  // namespace peyk::daemon
