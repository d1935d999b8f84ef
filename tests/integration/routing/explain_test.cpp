// Decisions and non-decisions, asked live and afterwards.
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

using namespace std::chrono_literals;
using test::TestDesk;
namespace json = boost::json;

const QueueName kService("service");

/// ani, bob and eva serve "service", with cooling 4, 3 and 1; mehri "billing".
config::ConfigPtr roster(const std::function<void(config::Config&)>& more = {}) {
  return test::desk_config([&](config::Config& config) {
    auto agent = config.agents.at(AgentName("ani"));
    agent.skills = {{SkillName("cooling"), 3}};
    agent.name = AgentName("bob");
    config.agents.emplace(agent.name, agent);
    agent.skills = {{SkillName("cooling"), 1}};
    agent.name = AgentName("eva");
    config.agents.emplace(agent.name, agent);
    config.routes.back().name = "coolers";
    config.routes.back().demand.require = {{SkillName("cooling"), 2}};
    if (more) more(config);
  });
}

struct Fixture {
  test::RedisServer server;
  test::Loop loop;

  ConversationId arrive(TestDesk& desk) {
    const auto accepted = loop.run(desk->intake().receive(TestDesk::form("a@example.org", "My cooler leaks.")));
    REQUIRE_MESSAGE(accepted.has_value(), accepted.error().message);
    return accepted->conversation;
  }
  json::object explain(TestDesk& desk, const ConversationId& id) {
    const auto explained = loop.run(desk->reader().explain(id));
    REQUIRE_MESSAGE(explained.has_value(), explained.error().message);
    return *explained;
  }
  std::string reason(const json::object& explained, std::string_view agent) {
    for (const auto& candidate : explained.at("candidates").as_array()) {
      if (candidate.at("agent") == json::string(agent)) return json::value_to<std::string>(candidate.at("reason"));
    }
    return "not named";
  }
};

Actor actor(const std::string& name) {
  return {ActorKind::agent, AgentName(name), AgentName(name)};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "a decision is kept with its rule, demand, winner, runners-up and counts, until after the end") {
  TestDesk desk(loop, server, roster());
  for (const auto* name : {"ani", "bob", "eva"}) desk.available(name);
  const auto id = arrive(desk);
  const auto first = explain(desk, id);
  CHECK(first.at("rule") == "coolers");
  CHECK(first.at("demand") == "cooling 2");
  const auto& live = first.at("decision");
  CHECK(live.at("end").is_null());
  CHECK(live.at("winner").at("agent") == live.at("agent"));
  CHECK(live.at("winner").at("load") == 0.25);
  REQUIRE(live.at("next").as_array().size() == 1);
  CHECK(live.at("admitted") == 2);
  CHECK(live.at("ruled_out") == json::parse(R"({"queue":1,"skill":1})"));
  const auto winner = json::value_to<std::string>(live.at("agent"));
  const auto other = winner == "ani" ? "bob" : "ani";
  CHECK(reason(first, winner) == "has it");
  CHECK(reason(first, other) == "free");
  CHECK(reason(first, "eva") == "skill");
  CHECK(reason(first, "mehri") == "queue");
  CHECK(first.at("counts") == json::parse(R"({"has it":1,"free":1,"skill":1,"queue":1})"));

  const OfferId offer(json::value_to<std::string>(live.at("offer")));
  REQUIRE(loop.run(desk->work().decline(actor(winner), offer, "lunch")).has_value());
  const auto second = explain(desk, id);
  REQUIRE(second.at("decisions").as_array().size() == 2);
  CHECK(second.at("decisions").at(0).at("end") == "declined");
  CHECK(second.at("decision").at("agent") == json::string(other));
  CHECK(reason(second, winner) == "cooldown");

  const OfferId again(json::value_to<std::string>(second.at("decision").at("offer")));
  REQUIRE(loop.run(desk->work().accept(actor(other), again)).has_value());
  REQUIRE(loop.run(desk->work().resolve(actor(other), id, {Outcome::solved, "", {}})).has_value());
  const auto afterwards = explain(desk, id);
  CHECK(afterwards.at("decisions").as_array().size() == 2);
  CHECK(afterwards.at("decision").at("end") == "accepted");
  CHECK(std::string_view(afterwards.at("text").as_string()).find("Chosen: " + std::string(other)) !=
        std::string_view::npos);
  CHECK_FALSE(afterwards.contains("candidates"));
}

TEST_CASE_FIXTURE(Fixture, "who waits is told why nobody takes it now: each rostered agent with his own reason") {
  TestDesk desk(loop, server, roster([](config::Config& config) {
                  config.agents.at(AgentName("ani")).capacity = {100};
                  config.hours[HoursName("never")].name = HoursName("never");
                  config.hours[HoursName("never")].timezone = "UTC";
                  auto& zoe = config.agents[AgentName("zoe")];
                  zoe = config.agents.at(AgentName("bob"));
                  zoe.name = AgentName("zoe");
                  zoe.shift = HoursName("never");
                }));
  desk.available("ani");
  arrive(desk);
  desk.available("zoe");
  REQUIRE(loop.run(desk->presence().renew(AgentName("bob"), "socket-bob")).has_value());
  const auto id = arrive(desk);
  const auto explained = explain(desk, id);
  CHECK(explained.at("decision").is_null());
  CHECK(explained.at("rule") == "coolers");
  CHECK(reason(explained, "ani") == "room");
  CHECK(reason(explained, "bob") == "away");
  CHECK(reason(explained, "zoe") == "shift");
  CHECK(reason(explained, "eva") == "skill");
  CHECK(reason(explained, "mehri") == "queue");
  CHECK(explained.at("waiting").at("position") == 1);
  CHECK_FALSE(explained.contains("unroutable"));
}

TEST_CASE_FIXTURE(Fixture, "relaxation: its step, and when the next one comes, live and in the decision it led to") {
  TestDesk desk(loop, server, roster([](config::Config& config) {
                  config.routes.back().demand.prefer = {{{{SkillName("cooling"), 9}}, 300ms}};
                  config.routes.back().demand.rings = {{QueueName("billing"), 10min}};
                }));
  desk.available("bob");
  const auto id = arrive(desk);
  const auto waits = explain(desk, id);
  CHECK(waits.at("demand") == "cooling 9");
  CHECK(waits.at("waiting").at("step") == 0);
  const auto next = parse_rfc3339(json::value_to<std::string>(waits.at("waiting").at("relaxes_at")));
  const auto created = loop.run(desk->reader().conversation(id)).value().created_at;
  CHECK(*next - created == 300ms);
  CHECK(waits.at("waiting").at("relaxes_to").at("demand") == "cooling 2");
  REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer").empty(); }));
  const auto relaxed = explain(desk, id);
  CHECK(relaxed.at("decision").at("step") == 1);
  CHECK(relaxed.at("decision").at("demand") == "cooling 2");
  const auto ring = parse_rfc3339(json::value_to<std::string>(relaxed.at("decision").at("relaxes_at")));
  CHECK(*ring - created == 10min);
}

TEST_CASE_FIXTURE(Fixture,
                  "what the next step of relaxing is: the preferences it drops, the rings it opens, each in its turn") {
  TestDesk desk(loop, server, roster([](config::Config& config) {
                  auto& demand = config.routes.back().demand;
                  demand.prefer = {{{{SkillName("cooling"), 9}}, 400ms}, {{{SkillName("fa"), 9}}, 9min}};
                  demand.rings = {{QueueName("billing"), 400ms}, {QueueName("service"), 1h}};
                }));
  const auto id = arrive(desk);
  const auto both = explain(desk, id).at("waiting").at("relaxes_to");
  CHECK(both == json::parse(R"({"demand":"cooling 2, fa 9, also from billing",
    "drops":[{"skill":"cooling","from":9,"to":2}],"opens":["billing"]})"));
  REQUIRE(desk.until([&] { return explain(desk, id).at("demand") == both.at("demand"); }));
  const auto last = explain(desk, id).at("waiting").at("relaxes_to");
  CHECK(last == json::parse(R"({"demand":"cooling 2, also from billing",
    "drops":[{"skill":"fa","from":9,"to":0}],"opens":[]})"));
}

TEST_CASE_FIXTURE(Fixture, "what nobody can ever take is said so, and only the last decisions are kept") {
  TestDesk desk(loop, server, roster([](config::Config& config) {
                  config.routes.back().demand.require = {{SkillName("cooling"), 9}};
                }));
  const auto dead = explain(desk, arrive(desk));
  CHECK(dead.at("unroutable") == true);
  TestDesk other(loop, server, roster([](config::Config& config) {
                   config.config_version = "no-cooldown";
                   config.queues.at(kService).offer.cooldown = 0ms;
                   config.queues.at(kService).offer.misses_before_away = 0;
                 }));
  other.available("ani");
  const auto id = arrive(other);
  std::size_t seen = 0;
  for (int i = 0; i < 10; ++i) {
    REQUIRE(other.until([&] { return !other.id_in("offer.made", "offer", seen).empty(); }));
    const OfferId offer(other.id_in("offer.made", "offer", seen));
    seen = other.events().size();
    REQUIRE(loop.run(other->work().decline(actor("ani"), offer, "")).has_value());
  }
  CHECK(explain(other, id).at("decisions").as_array().size() == 9);  // eight that ended, and the live one
}

}  // namespace peyk::routing
