// A desk under a new configuration: queues and agents that go away, and daemons that have not reloaded yet.
#include <algorithm>
#include <functional>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

using test::TestDesk;

const QueueName kService("service");
const QueueName kBilling("billing");

/// The test's configuration under another version, without "service": its agent and its routes go to "billing".
void drop_service(config::Config& config) {
  config.config_version = "without-service";
  config.queues.erase(kService);
  for (auto& route : config.routes) route.queue = kBilling;
  for (auto& [name, agent] : config.agents) agent.queues = {kBilling};
}

/// The same, and what is in "service" goes there too.
void move_service(config::Config& config) {
  drop_service(config);
  config.retired_queues = {{kService, kBilling}};
}

/// Without ani, whose queue mehri serves too.
void drop_ani(config::Config& config) {
  config.config_version = "without-ani";
  config.agents.erase(AgentName("ani"));
  config.agents.at(AgentName("mehri")).queues = {kBilling, kService};
}

struct Fixture {
  test::RedisServer server;
  test::Loop loop;
  TestDesk desk{loop, server, test::desk_config()};

  void reconfigure(const std::function<void(config::Config&)>& change) {
    const auto done = loop.run(desk->reconfigure(test::desk_config(change)));
    REQUIRE_MESSAGE(done.has_value(), done.error().message);
  }
  ConversationId waiting() {
    const auto accepted = loop.run(desk->intake().receive(TestDesk::form("a@example.org", "Hello.")));
    REQUIRE_MESSAGE(accepted.has_value(), accepted.error().message);
    return accepted->conversation;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a queue that has work is not taken away, and nothing of that configuration is taken over") {
  const auto id = waiting();
  const auto refused = loop.run(desk->reconfigure(test::desk_config(drop_service)));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::conflict);
  CHECK(refused.error().message.find("service") != std::string::npos);
  CHECK(desk->config()->queues.contains(kService));
  CHECK(loop.run(desk->reader().conversation(id)).value().queue == kService);
  CHECK(loop.run(desk->reader().queues()).value().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a queue that says where its work goes is taken away, and its work moves") {
  const auto id = waiting();
  reconfigure(move_service);
  CHECK(loop.run(desk->reader().conversation(id)).value().queue == kBilling);
  CHECK(loop.run(desk->reader().queues()).value().size() == 1);
  desk.available("ani");
  CHECK(desk.until([&] { return !desk.id_in("offer.made", "offer").empty(); }));
}

TEST_CASE_FIXTURE(Fixture,
                  "what moves from a queue that is taken away is asked for its own language, where the other asks") {
  const auto id = waiting();
  reconfigure([](config::Config& config) {
    move_service(config);
    config.queues.at(kBilling).demand.require = {{SkillName("language"), 2}};
  });
  CHECK(loop.run(desk->reader().conversation(id)).value().demand.require == SkillLevels{{"en", 2}});
}

TEST_CASE_FIXTURE(Fixture, "a reload that broke off half way is undone by putting the old configuration back") {
  const auto timeout_of_service = [&] {
    const auto rules = loop.run(desk.client().call({"HGET", "peyk:{test}:queues", "service"}));
    REQUIRE(rules.has_value());
    return boost::json::parse(rules->text).at("offer").at("timeout").as_int64();
  };
  CHECK(timeout_of_service() == 30'000);
  const auto refused = loop.run(desk->reconfigure(test::desk_config([](config::Config& config) {
    config.config_version = "breaks-off";
    config.queues.at(kService).offer.timeout = std::chrono::seconds(99);
    config.agents.at(AgentName("mehri")).queues = {QueueName("nowhere")};  // the store refuses him, after the queues
  })));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("put the file back") != std::string::npos);
  CHECK(timeout_of_service() == 99'000);
  REQUIRE(loop.run(desk->reconfigure(test::desk_config())).has_value());
  CHECK(timeout_of_service() == 30'000);
}

TEST_CASE_FIXTURE(Fixture, "what an agent held who is gone goes back to its queue") {
  desk.available("ani");
  const auto id = waiting();
  REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer").empty(); }));
  const AgentName ani("ani");
  const OfferId offer(desk.id_in("offer.made", "offer"));
  REQUIRE(loop.run(desk->work().accept({ActorKind::agent, ani, ani}, offer)).has_value());
  reconfigure(drop_ani);
  CHECK(loop.run(desk->reader().conversation(id)).value().agent.empty());
  CHECK(loop.run(desk->presence().view(ani)).error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture,
                  "an agent who is gone loses nothing: what he had, was offered, awaited or put aside is all there") {
  desk.available("ani");
  const AgentName ani("ani");
  const Actor actor{ActorKind::agent, ani, ani};
  std::vector<ConversationId> ids;
  for (int i = 0; i < 4; ++i) {
    const auto seen = desk.events().size();
    ids.push_back(waiting());
    REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer", seen).empty(); }));
    if (i == 3) break;  // the last one stays an offer
    REQUIRE(loop.run(desk->work().accept(actor, OfferId(desk.id_in("offer.made", "offer", seen)))).has_value());
  }
  REQUIRE(loop.run(desk->work().pending(actor, ids[1], std::nullopt, {})).has_value());
  const auto later =
      std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now() + std::chrono::hours(1));
  REQUIRE(loop.run(desk->work().snooze(actor, ids[2], later, {})).has_value());
  reconfigure(drop_ani);
  for (const auto& id : ids) {
    const auto conversation = loop.run(desk->reader().conversation(id)).value();
    CHECK(conversation.state == State::waiting);
    CHECK(conversation.agent.empty());
    CHECK(conversation.next_at.has_value());
    CHECK(loop.run(desk->reader().messages(id, 0, 10)).value().front().text == "Hello.");
  }
  CHECK(loop.run(desk->reader().audit(false)).value().at("findings").as_array().empty());
  const auto seen = desk.events().size();
  desk.available("mehri");
  CHECK(desk.until([&] {
    return std::count_if(desk.events().begin() + static_cast<std::ptrdiff_t>(seen), desk.events().end(),
                         [](const Event& event) { return event.type == "offer.made"; }) == 4;
  }));
}

TEST_CASE_FIXTURE(Fixture, "a queue that goes away with a move takes its offers, its owned and its put aside along") {
  desk.available("ani");
  const AgentName ani("ani");
  const Actor actor{ActorKind::agent, ani, ani};
  const auto owned = waiting();
  REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer").empty(); }));
  REQUIRE(loop.run(desk->work().accept(actor, OfferId(desk.id_in("offer.made", "offer")))).has_value());
  const auto offered = waiting();
  reconfigure(move_service);
  const auto kept = loop.run(desk->reader().conversation(owned)).value();
  CHECK(kept.agent == ani);
  CHECK(kept.queue == kBilling);
  CHECK(loop.run(desk->reader().conversation(offered)).value().queue == kBilling);
  CHECK(loop.run(desk->reader().conversation(offered)).value().state == State::offered);
  CHECK(loop.run(desk->reader().audit(false)).value().at("findings").as_array().empty());
}

TEST_CASE_FIXTURE(Fixture, "an impossible demand loads, and what it catches waits until the roster can meet it") {
  const auto asks_for_much = [](config::Config& config) {
    config.config_version = "impossible";
    config.queues.at(kService).demand.require = {{SkillName("cooling"), 9}};
  };
  REQUIRE(loop.run(desk->reconfigure(test::desk_config(asks_for_much))).has_value());
  desk.available("ani");
  const auto id = waiting();
  const auto dead = [&] {
    const auto queues = loop.run(desk->reader().queues()).value();
    return queues.at(1).unroutable;
  };
  REQUIRE(dead().size() == 1);
  CHECK(dead()[0].demand == "cooling 9");
  CHECK(dead()[0].conversation == id);
  const auto seen = desk.events().size();
  REQUIRE(loop.run(desk->reconfigure(test::desk_config([&](config::Config& config) {
                asks_for_much(config);
                config.config_version = "possible";
                config.agents.at(AgentName("ani")).skills[SkillName("cooling")] = 9;
              })))
              .has_value());
  CHECK(dead().empty());
  CHECK(desk.until([&] { return !desk.id_in("offer.made", "offer", seen).empty(); }));
}

TEST_CASE_FIXTURE(Fixture, "a daemon that has not reloaded is told, and takes customers in all the same") {
  TestDesk other(loop, server, test::desk_config());
  REQUIRE(
      loop.run(other->reconfigure(test::desk_config([](config::Config& config) { config.config_version = "newer"; })))
          .has_value());
  CHECK(desk.until([&] {
    const auto issues = desk->issues().issues;
    return std::any_of(issues.begin(), issues.end(),
                       [](const auto& issue) { return issue.code == "desk.stale_configuration"; });
  }));
  waiting();
}

TEST_CASE_FIXTURE(Fixture,
                  "a daemon that has not reloaded leads customers of a queue that is gone to where its work moved") {
  TestDesk other(loop, server, test::desk_config());
  REQUIRE(loop.run(other->reconfigure(test::desk_config([](config::Config& config) {
                move_service(config);
                config.queues.at(kBilling).demand.require = {{SkillName("billing"), 2}};
              })))
              .has_value());
  const auto conversation = loop.run(desk->reader().conversation(waiting())).value();
  CHECK(conversation.queue == kBilling);
  CHECK(conversation.demand.require == SkillLevels{{"billing", 2}});
  CHECK(loop.run(desk->reader().audit(false)).value().at("findings").as_array().empty());
}

TEST_CASE_FIXTURE(Fixture, "a queue that is gone without a move refuses customers for a time only") {
  TestDesk other(loop, server, test::desk_config());
  REQUIRE(loop.run(other->reconfigure(test::desk_config(drop_service))).has_value());
  const auto refused = loop.run(desk->intake().receive(TestDesk::form("a@example.org", "Hello.")));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::unavailable);
  REQUIRE(loop.run(desk->reconfigure(test::desk_config(drop_service))).has_value());
  waiting();
}

TEST_CASE_FIXTURE(Fixture, "a daemon that has not reloaded starts and hands over into a queue that is gone") {
  desk.available("ani");
  const AgentName ani("ani");
  const Actor actor{ActorKind::agent, ani, ani};
  TestDesk other(loop, server, test::desk_config());
  REQUIRE(loop.run(other->reconfigure(test::desk_config(move_service))).has_value());
  Start start;
  start.channel = ChannelName("support-mail");
  start.to = "a@example.org";
  start.text = "Your part is here.";
  start.key = "1";
  const auto started = loop.run(desk->work().start(actor, start));
  REQUIRE_MESSAGE(started.has_value(), started.error().message);
  CHECK(loop.run(desk->reader().conversation(*started)).value().queue == kBilling);
  Transfer transfer;
  transfer.queue = kService;
  const auto handed = loop.run(desk->work().transfer(actor, *started, transfer));
  REQUIRE_MESSAGE(handed.has_value(), handed.error().message);
  CHECK(loop.run(desk->reader().conversation(*started)).value().queue == kBilling);
}

TEST_CASE_FIXTURE(Fixture, "out of hours the customer is told when somebody will be there") {
  reconfigure([](config::Config& config) {
    config.config_version = "closed-now";
    test::close_service(config);
  });
  const auto id = waiting();
  CHECK(desk.until([&] {
    const auto messages = loop.run(desk->reader().messages(id, 0, 10)).value();
    return messages.size() == 2 && messages[1].direction == Direction::system &&
           messages[1].text.find("9:00") != std::string::npos;
  }));
}

TEST_CASE_FIXTURE(Fixture, "an answer to what overflows goes out instead of the built-in text, not beside it") {
  reconfigure([](config::Config& config) {
    config.config_version = "overflowing";
    config::Overflow rule;
    rule.when.waiting = 0;
    rule.answer = {{"en", "We are back on Monday."}};
    config.queues.at(kService).overflow.push_back(rule);
  });
  const auto first = waiting();
  const auto second = waiting();
  const auto told = [&](const ConversationId& id) { return loop.run(desk->reader().messages(id, 0, 10)).value(); };
  // Texts are written one after the other: with the second one's, all of the first one's are there.
  REQUIRE(desk.until([&] { return told(second).size() > 1; }));
  REQUIRE(told(first).size() == 2);
  CHECK(told(first)[1].text == "We are back on Monday.");
}

TEST_CASE_FIXTURE(Fixture,
                  "an audit that mends writes a roster that lost its settings or queues, and then mends the rest") {
  const auto id = waiting();
  for (const auto* lost : {"queues", "settings"}) {
    CAPTURE(lost);
    const std::string prefix = "peyk:{test}:";
    REQUIRE(loop.run(desk.client().call({"DEL", prefix + lost, prefix + "in:waiting:service:form"})).has_value());
    CHECK_FALSE(loop.run(desk->reader().audit(true)).value().at("findings").as_array().empty());
    CHECK(loop.run(desk->reader().audit(false)).value().at("findings").as_array().empty());
    const auto conversation = loop.run(desk->reader().conversation(id)).value();
    CHECK(conversation.queue == kService);
    CHECK(conversation.state == State::waiting);
  }
}

}  // namespace peyk::routing
