// Agents' sockets of the whole daemon: offers and their end, several sockets of one agent, bad frames.
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/daemon_house.h"

namespace peyk::daemon {

using namespace std::chrono_literals;
using net::Method;
namespace json = boost::json;

TEST_CASE_FIXTURE(test::DaemonFixture, "a form is offered to an agent's socket, answered and resolved there") {
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

TEST_CASE_FIXTURE(test::DaemonFixture,
                  "a second socket of an agent shows what the first one has, and his leaving is known") {
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

TEST_CASE_FIXTURE(test::DaemonFixture,
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

TEST_CASE_FIXTURE(test::DaemonFixture, "an offer taken back because its agent went on a break says so") {
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

TEST_CASE_FIXTURE(test::DaemonFixture, "bad frames are answered and harm nothing") {
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

TEST_CASE_FIXTURE(test::DaemonFixture, "a socket without a session is refused") {
  house.start();
  auto socket = house.open("nonsense");
  CHECK(house.next(*socket, "error").at("code") == "unauthorized");
  CHECK_FALSE(loop.run(socket->read()).has_value());
}

}  // namespace peyk::daemon
