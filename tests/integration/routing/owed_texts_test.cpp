// A daemon is killed between a change and the text that tells the customer: others say it, once.
#include "routing/owed_texts.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "routing/store/runner.h"
#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

using namespace std::chrono_literals;
using test::TestDesk;

struct Fixture {
  test::RedisServer server;
  test::Loop loop;

  static Actor actor(const char* name) { return {ActorKind::agent, AgentName(name), AgentName(name)}; }

  ConversationId taken(TestDesk& desk, const char* agent, std::size_t from = 0) {
    REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer", from).empty(); }));
    const OfferId offer(desk.id_in("offer.made", "offer", from));
    return loop.run(desk->work().accept(actor(agent), offer)).value();
  }
  /// A form that ani passed on to mehri.
  ConversationId passed_on(TestDesk& desk) {
    desk.available("ani");
    desk.available("mehri");
    REQUIRE(loop.run(desk->intake().receive(TestDesk::form("sara@example.org", "It leaks."))).has_value());
    const auto id = taken(desk, "ani");
    const auto seen = desk.events().size();
    REQUIRE(loop.run(desk->work().transfer(actor("ani"), id, {QueueName("billing"), {}, {}, ""})).has_value());
    CHECK(taken(desk, "mehri", seen) == id);
    return id;
  }
  /// The script alone, as by a daemon that lived no longer than that; what it leaves is due at once.
  void resolve_and_die(TestDesk& desk, const ConversationId& id) {
    store::Runner runner(desk.client(), system_clock(), {"test", 5s});
    const auto call = R"({"conversation":")" + id.str() + R"(","agent":"mehri"})";
    const auto key = std::string(loop.run(runner.write("resolve", call)).value().at("text").as_string());
    const auto owed =
        loop.run(desk.client().call({"ZADD", runner.key("texts"), "XX", "CH", "0", id.str() + " " + key}));
    REQUIRE(owed.value().integer == 1);
  }
  std::vector<std::string> told(TestDesk& desk, const ConversationId& id) {
    std::vector<std::string> texts;
    for (const auto& message : loop.run(desk->reader().messages(id, 0, 20)).value()) {
      if (message.direction == Direction::system) texts.push_back(message.text);
    }
    return texts;
  }
  static long solved(const std::vector<std::string>& texts) {
    return std::ranges::count_if(texts, [](const auto& text) { return text.find("is solved") != std::string::npos; });
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "of two daemons that live on, one tells the customer that his matter is solved, and once") {
  TestDesk one(loop, server, test::desk_config());
  TestDesk other(loop, server, test::desk_config());
  const auto id = passed_on(one);
  resolve_and_die(one, id);
  REQUIRE(one.until([&] { return solved(told(one, id)) > 0; }, 30s));
  loop.run_for(6s);  // the other asks too
  CHECK(solved(told(one, id)) == 1);
  const auto left = loop.run(one.client().call({"EXISTS", "peyk:{test}:texts"}));
  CHECK(left.value().integer == 0);
}

TEST_CASE_FIXTURE(Fixture, "a text that is out of place by now is not said") {
  TestDesk desk(loop, server, test::desk_config());
  const auto id = passed_on(desk);
  resolve_and_die(desk, id);
  auto again = TestDesk::form("sara@example.org", "It leaks again.");
  again.thread.conversation = id;
  const auto accepted = loop.run(desk->intake().receive(again)).value();
  REQUIRE(accepted.conversation == id);
  REQUIRE(accepted.state != State::resolved);
  const auto gone = [&] { return loop.run(desk.client().call({"EXISTS", "peyk:{test}:texts"})).value().integer == 0; };
  CHECK(desk.until(gone, 60s));
  CHECK(solved(told(desk, id)) == 0);
}

TEST_CASE_FIXTURE(Fixture, "the ordinary way is said at once, and leaves nothing owed") {
  TestDesk desk(loop, server, test::desk_config());
  const auto id = passed_on(desk);
  REQUIRE(loop.run(desk->work().resolve(actor("mehri"), id, {{}, "", {}})).has_value());
  REQUIRE(desk.until([&] { return solved(told(desk, id)) == 1; }));
  const auto gone = [&] { return loop.run(desk.client().call({"EXISTS", "peyk:{test}:texts"})).value().integer == 0; };
  CHECK(desk.until(gone, 5s));  // "received" too; before anybody else would say them
}

}  // namespace peyk::routing
