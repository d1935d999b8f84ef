#include "daemon/permissions.h"

#include <algorithm>

#include <fmt/format.h>

namespace peyk::daemon {
namespace {

bool serves(const Caller& caller, const QueueName& queue) {
  return std::ranges::find(caller.queues, queue) != caller.queues.end();
}

bool owns(const Caller& caller, const routing::Conversation& conversation) {
  return !caller.name.empty() && conversation.agent == caller.name;
}

bool follows(const Caller& caller, const routing::Conversation& conversation) {
  return std::ranges::find(conversation.followers, caller.name) != conversation.followers.end();
}

Result<> permit_agent(const Caller& caller, Action action, const routing::Conversation* conversation) {
  switch (action) {
    case Action::view:
    case Action::note:
      if (conversation == nullptr) break;
      if (owns(caller, *conversation) || follows(caller, *conversation) || serves(caller, conversation->queue))
        return {};
      return fail(ErrorCode::forbidden, "this conversation is not yours, and you do not serve its queue");
    case Action::work:
      if (conversation != nullptr && owns(caller, *conversation)) return {};
      return fail(ErrorCode::forbidden, "this conversation is not yours: only who has it may do this");
    case Action::tag:
      if (conversation != nullptr && (owns(caller, *conversation) || follows(caller, *conversation))) return {};
      return fail(ErrorCode::forbidden, "only who has or follows a conversation may change tags");
    case Action::act_for: return fail(ErrorCode::forbidden, "only a supervisor may act for another agent");
    case Action::rules: return fail(ErrorCode::forbidden, "only a supervisor may ask what the rules say");
    case Action::reload:
    case Action::audit: return fail(ErrorCode::forbidden, "only an admin may do this");
  }
  return fail(ErrorCode::forbidden, "not allowed");
}

}  // namespace

Result<Caller> caller_of(const config::Config& config, const AgentName& name) {
  const auto found = config.agents.find(name);
  if (found == config.agents.end()) {
    return fail(ErrorCode::unauthorized, "this agent is no longer in the configuration");
  }
  return Caller{name, found->second.role, found->second.queues};
}

Result<> permit(const Caller& caller, Action action, const routing::Conversation* conversation) {
  if (caller.role == Role::agent) return permit_agent(caller, action, conversation);
  const bool admins_only = action == Action::reload || action == Action::audit;
  if (admins_only && caller.role != Role::admin) return fail(ErrorCode::forbidden, "only an admin may do this");
  return {};
}

Result<routing::Actor> actor_of(const config::Config& config, const Caller& caller, const AgentName& acts_for) {
  if (acts_for.empty() || acts_for == caller.name) {
    return routing::Actor{routing::ActorKind::agent, caller.name, caller.name};
  }
  if (auto allowed = permit(caller, Action::act_for); !allowed) return std::unexpected(allowed.error());
  if (!config.agents.contains(acts_for)) {
    auto message = fmt::format("there is no agent {}", acts_for.str());
    return fail(ErrorCode::unprocessable, message, {{"agent", "is no agent's name"}});
  }
  const auto kind = caller.role == Role::admin ? routing::ActorKind::admin : routing::ActorKind::supervisor;
  return routing::Actor{kind, caller.name, acts_for};
}

void limit_to_visible(const Caller& caller, routing::ConversationFilter& filter) {
  if (caller.role != Role::agent) return;
  filter.visible_agent = caller.name;
  filter.visible_queues = caller.queues;
}

bool may_see_queue(const Caller& caller, const QueueName& queue) {
  return caller.role != Role::agent || serves(caller, queue);
}

}  // namespace peyk::daemon
