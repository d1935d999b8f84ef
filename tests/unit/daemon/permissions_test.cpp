// Who may do what, for whom, and what each listing shows.
#include "daemon/permissions.h"

#include <string>

#include <doctest/doctest.h>

namespace peyk::daemon {
namespace {

Caller caller(Role role) {
  return {AgentName("ani"), role, {QueueName("service")}};
}

routing::Conversation conversation(const std::string& relation) {
  routing::Conversation it;
  it.queue = QueueName(relation == "serves" ? "service" : "billing");
  it.agent = AgentName(relation == "owns" ? "ani" : "bela");
  if (relation == "follows") it.followers = {AgentName("ani")};
  return it;
}

struct Row {
  Action action;
  std::string relation;
  bool agent;
  bool supervisor;
  bool admin;
};

const Row kTable[] = {
    {Action::view, "owns", true, true, true},    {Action::view, "follows", true, true, true},
    {Action::view, "serves", true, true, true},  {Action::view, "stranger", false, true, true},
    {Action::note, "owns", true, true, true},    {Action::note, "follows", true, true, true},
    {Action::note, "serves", true, true, true},  {Action::note, "stranger", false, true, true},
    {Action::work, "owns", true, true, true},    {Action::work, "follows", false, true, true},
    {Action::work, "serves", false, true, true}, {Action::work, "stranger", false, true, true},
    {Action::tag, "owns", true, true, true},     {Action::tag, "follows", true, true, true},
    {Action::tag, "serves", false, true, true},  {Action::tag, "stranger", false, true, true},
    {Action::rules, "", false, true, true},      {Action::act_for, "", false, true, true},
    {Action::reload, "", false, false, true},    {Action::audit, "", false, false, true},
};

}  // namespace

TEST_CASE("each role may do what the table says and nothing else") {
  for (const auto& row : kTable) {
    CAPTURE(static_cast<int>(row.action));
    CAPTURE(row.relation);
    const auto target = conversation(row.relation);
    const auto* given = row.relation.empty() ? nullptr : &target;
    CHECK(permit(caller(Role::agent), row.action, given).has_value() == row.agent);
    CHECK(permit(caller(Role::supervisor), row.action, given).has_value() == row.supervisor);
    CHECK(permit(caller(Role::admin), row.action, given).has_value() == row.admin);
  }
}

TEST_CASE("an agent may do nothing to a conversation that was not named") {
  for (const auto action : {Action::view, Action::note, Action::work, Action::tag}) {
    CHECK_FALSE(permit(caller(Role::agent), action).has_value());
  }
}

TEST_CASE("a refusal is forbidden and says why") {
  const auto target = conversation("stranger");
  const auto refused = permit(caller(Role::agent), Action::work, &target);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::forbidden);
  CHECK_FALSE(refused.error().message.empty());
}

TEST_CASE("who acts for another is named beside him, and only where he may") {
  config::Config config;
  config.agents[AgentName("ani")].name = AgentName("ani");
  config.agents[AgentName("mehri")].name = AgentName("mehri");

  const auto himself = actor_of(config, caller(Role::agent), {});
  REQUIRE(himself.has_value());
  CHECK(himself->kind == routing::ActorKind::agent);
  CHECK(himself->name == himself->acts_for);

  CHECK(actor_of(config, caller(Role::agent), AgentName("ani")).has_value());
  CHECK(actor_of(config, caller(Role::agent), AgentName("mehri")).error().code == ErrorCode::forbidden);

  const auto supervisor = actor_of(config, caller(Role::supervisor), AgentName("mehri"));
  REQUIRE(supervisor.has_value());
  CHECK(supervisor->kind == routing::ActorKind::supervisor);
  CHECK(supervisor->name == AgentName("ani"));
  CHECK(supervisor->acts_for == AgentName("mehri"));

  const auto nobody = actor_of(config, caller(Role::admin), AgentName("nobody"));
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().code == ErrorCode::unprocessable);
}

TEST_CASE("an agent who left the configuration is nobody") {
  const config::Config config;
  CHECK(caller_of(config, AgentName("ani")).error().code == ErrorCode::unauthorized);
}

TEST_CASE("listings are narrowed for agents alone") {
  routing::ConversationFilter filter;
  limit_to_visible(caller(Role::supervisor), filter);
  CHECK(filter.visible_agent.empty());
  CHECK(filter.visible_queues.empty());
  limit_to_visible(caller(Role::agent), filter);
  CHECK(filter.visible_agent == AgentName("ani"));
  CHECK(filter.visible_queues == std::vector{QueueName("service")});
  CHECK(may_see_queue(caller(Role::agent), QueueName("service")));
  CHECK_FALSE(may_see_queue(caller(Role::agent), QueueName("billing")));
  CHECK(may_see_queue(caller(Role::supervisor), QueueName("billing")));
}

}  // namespace peyk::daemon
