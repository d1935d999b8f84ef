// What the rules ask for, over the whole daemon: demands that nobody meets, what a message would hit, tags.
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/daemon_house.h"

namespace peyk::daemon {
namespace {

using namespace std::chrono_literals;
using net::Method;
namespace json = boost::json;

struct Fixture : test::DaemonFixture {
  net::Response post(const std::string& target, const std::string& body, const std::string& token) {
    return house.ask(Method::post, target, body, token);
  }
  /// The messages of that issue in /health now.
  std::string issue(const std::string& code) {
    std::string messages;
    for (const auto& issue : house.json(house.ask(Method::get, "/health")).at("issues").as_array()) {
      if (issue.at("code") == json::string(code)) messages += text(issue.at("message")) + "\n";
    }
    return messages;
  }
  /// A form that ani accepted: its conversation.
  std::string taken(net::WebSocket& socket, const std::string& message) {
    house.form(message);
    return text(take(socket).offer.at("conversation"));
  }
  void reload_well() {
    const auto taken = reload();
    REQUIRE_MESSAGE(taken.status == 200, taken.body);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a conversation that nobody can ever take is an issue at once, until somebody can") {
  house.edit("  - queue: service\n",
             "  - {queue: service, when: {text: pump}, require: {cooling: 9}}\n  - queue: service\n");
  house.edit("name: Ani,", "name: Ani, skills: {cooling: 9},");
  house.start();
  house.form("The pump leaks.");
  CHECK(issue("demand.unroutable").empty());
  house.edit("skills: {cooling: 9}, ", "");
  reload_well();
  REQUIRE(house.wait_for_issue("demand.unroutable"));
  loop.eventually([&] { return issue("demand.unroutable").find("1 of kind") != std::string::npos; });
  const auto said = issue("demand.unroutable");
  CAPTURE(said);
  CHECK(said.find("queue service: 1 of kind form (PK-") != std::string::npos);
  CHECK(said.find("cooling 9") != std::string::npos);
  const auto queues = house.json(house.ask(Method::get, "/api/v1/queues", "", house.log_in("mehri")));
  CHECK(queues.at("queues").at(1).at("unroutable").at(0).at("demand") == "cooling 9");
  house.edit("name: Ani,", "name: Ani, skills: {cooling: 9},");
  reload_well();
  CHECK(house.wait_for_issue("demand.unroutable", false));
}

TEST_CASE_FIXTURE(Fixture, "a transfer that asks for what nobody has is an issue, and one that takes it back ends it") {
  house.start();
  auto socket = available("ani");
  const auto id = taken(*socket, "Help.");
  house.send(
      *socket,
      {{"type", "transfer"}, {"id", "t"}, {"conversation", id}, {"queue", "service"}, {"require", {{"cooling", 8}}}});
  house.next(*socket, "ok");
  REQUIRE(house.wait_for_issue("demand.unroutable"));
  CHECK(issue("demand.unroutable").find("cooling 8") != std::string::npos);
  const auto mehri = house.log_in("mehri");
  const auto explained = house.json(house.ask(Method::get, "/api/v1/conversations/" + id + "/explain", "", mehri));
  CHECK(explained.at("unroutable") == true);
  CHECK(text(explained.at("text")).find("Nobody in the roster can ever take it") != std::string::npos);
  CHECK(post("/api/v1/conversations/" + id + "/resolve", "{}", mehri).status == 200);
  CHECK(house.wait_for_issue("demand.unroutable", false));
}

TEST_CASE_FIXTURE(Fixture, "a promise is missed by what the conversation was promised, not by what its queue says") {
  house.edit("  - queue: service\n",
             "  - {queue: service, when: {text: fast}, promise: {first_reply: 1s, resolve: 1d}}\n  - queue: service\n");
  house.start();
  house.form("Any time.");
  loop.run_for(2500ms);
  CHECK(issue("queue.promise_missed").empty());
  house.form("Please be fast.");
  REQUIRE(house.wait_for_issue("queue.promise_missed"));
  CHECK(issue("queue.promise_missed").find("queue service") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture,
                  "a supervisor asks which rule a message would hit; agents may not, and wrong names are named") {
  house.start();
  const auto mehri = house.log_in("mehri");
  const auto body = R"({"channel":"contact-form","subject":"x","text":"It leaks.","at":"2026-07-15T09:00:00Z"})";
  const auto answer = post("/api/v1/route", body, mehri);
  REQUIRE(answer.status == 200);
  CHECK(house.json(answer).at("queue") == "service");
  CHECK(house.json(answer).at("steps").at(0).at("agents").at("could") == 1);
  CHECK(post("/api/v1/route", body, house.log_in("ani")).status == 403);
  const auto unknown = post("/api/v1/route", R"({"channel":"fax"})", mehri);
  CHECK(unknown.status == 422);
  CHECK(house.json(unknown).at("errors").at(0).at("field") == "channel");
  CHECK(post("/api/v1/route", R"({"channel":"contact-form","colour":"red"})", mehri).status == 422);
  CHECK(post("/api/v1/route", R"({"channel":"contact-form","at":"yesterday"})", mehri).status == 422);
}

TEST_CASE_FIXTURE(Fixture, "agents tag what they have and its contact, supervisors all, others nothing") {
  house.start();
  auto socket = available("ani");
  const auto id = taken(*socket, "Help.");
  const auto token = house.log_in("ani");
  const auto detail = house.json(house.ask(Method::get, "/api/v1/conversations/" + id, "", token));
  const auto contact = "/api/v1/contacts/" + text(detail.at("contact"));
  CHECK(house.json(post(contact + "/tag", R"({"add":["vip","old"]})", token)).at("tags") == json::array{"old", "vip"});
  CHECK(house.json(post(contact + "/tag", R"({"remove":["old"]})", house.log_in("mehri"))).at("tags") ==
        json::array{"vip"});
  CHECK(post(contact + "/tag", R"({"add":["x"]})", house.log_in("bela")).status == 403);
  CHECK(post(contact + "/tag", R"({"add":["a,b"]})", token).status == 422);
  CHECK(post(contact + "/tag", "{}", token).status == 422);
  CHECK(post("/api/v1/contacts/p_none/tag", R"({"add":["x"]})", house.log_in("mehri")).status == 404);
  CHECK(house.json(house.ask(Method::get, contact, "", token)).at("tags") == json::array{"vip"});
  CHECK(house.ask(Method::get, contact, "", house.log_in("bela")).status == 403);

  house.send(*socket, {{"type", "tag"}, {"id", "t"}, {"conversation", id}, {"add", {"complaint"}}});
  CHECK(house.next(*socket, "ok").at("tags") == json::array{"complaint"});
  CHECK(post("/api/v1/conversations/" + id + "/tag", R"({"add":["x"]})", house.log_in("bela")).status == 403);
  const auto shown = house.json(house.ask(Method::get, "/api/v1/conversations/" + id, "", token));
  CHECK(shown.at("tags") == json::array{"complaint"});
  CHECK(shown.at("contact_detail").at("tags") == json::array{"vip"});
}

TEST_CASE_FIXTURE(Fixture, "the next page's cursor goes into an address as it is") {
  house.start();
  for (int i = 0; i < 3; ++i) house.form("One of three.");
  const auto mehri = house.log_in("mehri");
  const auto first = house.json(house.ask(Method::get, "/api/v1/conversations?limit=2", "", mehri));
  const auto next = text(first.at("next"));
  CHECK(next.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~") ==
        std::string::npos);
  const auto second = house.json(house.ask(Method::get, "/api/v1/conversations?limit=2&after=" + next, "", mehri));
  CHECK(second.at("conversations").as_array().size() == 1);
  CHECK(second.at("next").is_null());
}

TEST_CASE_FIXTURE(Fixture, "an offer that is over says so once") {
  house.start();
  auto socket = available("ani");
  house.form("Help.");
  const auto offer = house.next(*socket, "offer");
  const auto path = "/api/v1/offers/" + text(offer.at("offer")) + "/accept";
  const auto token = house.log_in("ani");
  CHECK(post(path, "", token).status == 200);
  const auto again = house.json(post(path, "", token));
  CHECK(text(again.at("detail")).starts_with("accepted: offer "));
}

TEST_CASE_FIXTURE(Fixture, "a cycle of overflows is refused on reload with its place, and the old rules stay") {
  house.start();
  house.edit("  billing: {promise: {first_reply: 2m, resolve: 2d}}",
             "  billing: {promise: {first_reply: 2m, resolve: 2d}, overflow: [{when: {waiting: 1}, to: service}]}");
  house.edit("offer: {timeout: 30s}}", "offer: {timeout: 30s}, overflow: [{when: {waiting: 1}, to: billing}]}");
  const auto refused = post("/api/v1/reload", "", house.log_in("root"));
  CHECK(refused.status == 422);
  const auto error = house.json(refused).at("errors").at(0);
  CHECK(text(error.at("message")) == "a cycle of overflows: service → billing → service");
  CHECK(text(error.at("field")).find("peyk.yaml:11:") != std::string::npos);
  house.form("One.");
  const auto mehri = house.log_in("mehri");
  house.form("Two.");
  const auto listed = house.json(house.ask(Method::get, "/api/v1/conversations?queue=service", "", mehri));
  CHECK(listed.at("conversations").as_array().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a queue with work is refused on reload unless it says where the work goes") {
  house.edit("  - queue: service\n", "  - {queue: billing, when: {text: bill}}\n  - queue: service\n");
  house.start();
  const auto id = text(house.json(house.form("My bill.")).at("conversation"));
  house.edit("  billing: {promise: {first_reply: 2m, resolve: 2d}}\n", "");
  house.edit("  - {queue: billing, when: {text: bill}}\n", "");
  for (int i = 0; i < 3; ++i) house.edit("queues: [billing]", "queues: [service]");
  const auto root = house.log_in("root");
  const auto refused = post("/api/v1/reload", "", root);
  CHECK(refused.status == 409);
  CHECK(
      text(house.json(refused).at("detail"))
          .find(
              "queue billing still has work: say which queue takes it over, retired_queues: {billing: {move_to: QUEUE}}") !=
      std::string::npos);
  CHECK(house.wait_for_issue("config.reload_failed"));
  house.edit("queues:\n", "retired_queues: {billing: {move_to: service}}\nqueues:\n");
  CHECK(post("/api/v1/reload", "", root).status == 200);
  const auto moved = house.json(house.ask(Method::get, "/api/v1/conversations/" + id, "", house.log_in("ani")));
  CHECK(moved.at("queue") == "service");
}

TEST_CASE_FIXTURE(Fixture, "how wrong the estimated waits were is measured when they come true, and published") {
  house.start();
  auto socket = available("ani");
  const auto presence = [&](const std::string& state) {
    house.send(*socket, {{"type", "presence"}, {"id", state}, {"state", state}});
    house.next(*socket, "ok");
  };
  const auto error_in_metrics = [&] {
    const auto metrics = house.ask(Method::get, "/metrics").body;
    const std::string name = "peyk_wait_estimate_error_ratio{queue=\"service\"} ";
    const auto at = metrics.find(name);
    return at == std::string::npos ? -1.0 /* not published */ : std::stod(metrics.substr(at + name.size()));
  };
  const auto waits = [&](std::chrono::milliseconds time) {
    presence("busy");
    house.form("I wait.");
    loop.run_for(time);
    presence("available");
    take(*socket);
  };
  waits(1100ms);  // nothing was known to tell him
  CHECK(error_in_metrics() == -1);
  waits(3000ms);  // was told the last one's wait
  loop.eventually([&] { return error_in_metrics() > 0; });
  const auto ratio = error_in_metrics();
  CHECK(ratio > 0.5);
  CHECK(ratio < 2);
  const auto queues = house.json(house.ask(Method::get, "/api/v1/queues", "", house.log_in("mehri")));
  CHECK(queues.at("queues").at(1).at("wait_error_ratio").to_number<double>() == doctest::Approx(ratio).epsilon(0.01));
}

}  // namespace peyk::daemon
