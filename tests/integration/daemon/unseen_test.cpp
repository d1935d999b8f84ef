// An agent's socket whose client does not say what it has seen: the daemon knows what it had sent.
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "base/async/deadline.h"
#include "tests/support/daemon_house.h"

namespace peyk::daemon {
namespace {

using namespace std::chrono_literals;
using net::Method;
namespace json = boost::json;

struct Unseen : test::DaemonFixture {
  std::shared_ptr<net::WebSocket> socket;

  Unseen() : DaemonFixture("5s") {
    house.start();
    socket = available("ani");
  }
  /// The answer: an ok, or an error.
  json::object command(std::string_view type, json::object fields) {
    fields["type"] = type;
    fields["id"] = type;
    house.send(*socket, fields);
    return answer(type);
  }
  json::object answer(std::string_view id) {
    for (;;) {
      const auto frame = loop.run(with_deadline(10s, socket->read()));
      REQUIRE_MESSAGE(frame.has_value(), frame.error().message);
      auto answered = json::parse(*frame).as_object();
      const auto* re = answered.if_contains("re");
      if (re != nullptr && *re == json::string(id)) return answered;
    }
  }
};

}  // namespace

TEST_CASE_FIXTURE(Unseen, "it may resolve what it was shown, once and again, but not what it has not been shown yet") {
  const auto id = text(house.json(house.form("It leaks.")).at("conversation"));
  const auto offer = house.next(*socket, "offer");
  // Both are on their way before `assigned` comes back.
  house.send(*socket, {{"type", "accept"}, {"id", "a"}, {"offer", offer.at("offer")}});
  house.send(*socket, {{"type", "resolve"}, {"id", "early"}, {"conversation", id}});
  const auto early = answer("early");
  CHECK(early.at("code") == "conflict");
  CHECK(text(early.at("message")).starts_with("unseen: "));
  auto second = house.open(house.log_in("ani"));
  house.next(*second, "welcome");
  house.send(*second, {{"type", "resolve"}, {"id", 1}, {"conversation", id}, {"note", "by phone"}});
  CHECK(house.next(*second, "ok").at("re") == 1);
  house.send(*second, {{"type", "resolve"}, {"id", 2}, {"conversation", id}, {"note", "by phone"}});
  CHECK(house.next(*second, "ok").at("re") == 2);
  const auto detail = house.json(house.ask(Method::get, "/api/v1/conversations/" + id, "", house.log_in("mehri")));
  CHECK(detail.at("state") == "resolved");
  int notes = 0;
  for (const auto& message : detail.at("messages").as_array()) notes += message.at("direction") == "note" ? 1 : 0;
  CHECK(notes == 1);
}

TEST_CASE_FIXTURE(Unseen, "a client's own word on what it has seen counts, over REST too") {
  const auto receipt = house.json(house.form("It leaks."));
  const auto id = text(receipt.at("conversation"));
  const auto offer = house.next(*socket, "offer");
  command("accept", {{"offer", offer.at("offer")}});
  const auto path = "/api/v1/conversations/" + id;
  const auto token = house.log_in("ani");
  const auto refused = house.ask(Method::post, path + "/resolve", R"({"seen":"m_other"})", token);
  CHECK(refused.status == 409);
  CHECK(text(house.json(refused).at("detail")).starts_with("unseen: "));
  CHECK(
      house.ask(Method::post, path + "/snooze", R"({"seen":"m_other","until":"2099-01-01T00:00:00Z"})", token).status ==
      422);
  CHECK(house.ask(Method::post, path + "/pending", R"({"seen":"m_other"})", token).status == 409);
  CHECK(
      house.ask(Method::post, path + "/reply", R"({"key":"k1","text":"Try it now.","seen":"m_other"})", token).status ==
      200);
  auto unanswered = [&] { return house.json(house.ask(Method::get, path, "", token)).at("unanswered_since"); };
  CHECK_FALSE(unanswered().is_null());
  const auto shown = command("reply", {{"conversation", id}, {"key", "k2"}, {"text", "It is fixed."}});
  CHECK(shown.at("type") == "ok");
  CHECK(unanswered().is_null());
  CHECK(command("pending", {{"conversation", id}, {"seen", receipt.at("message")}}).at("type") == "ok");
  CHECK(house.ask(Method::post, path + "/resolve", "{}", token).status == 200);
  CHECK(house.ask(Method::post, path + "/resolve", "{}", token).status == 200);
  CHECK(house.ask(Method::post, path + "/resolve", "{}", house.log_in("bela")).status == 403);
}

}  // namespace peyk::daemon
