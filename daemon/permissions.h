// Who may do what: the one layer under WebSocket and REST.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/config.h"
#include "routing/agent_work.h"
#include "routing/conversation.h"
#include "routing/reader.h"

namespace peyk::daemon {

/// Somebody who is logged in, as the configuration in force describes him.
struct Caller {
  AgentName name;
  Role role = Role::agent;
  std::vector<QueueName> queues;  // that he serves
};

/// `unauthorized` when the configuration has no such agent (any more).
Result<Caller> caller_of(const config::Config& config, const AgentName& name);

enum class Action : std::uint8_t {
  view,     // read a conversation, its messages, attachments and explanation
  note,     // leave a note in it
  work,     // reply, transfer, resolve, snooze, pending, typing, read
  tag,      // change its tags, or its contact's
  act_for,  // do something at another's desk
  rules,    // ask what the rules say of a message
  reload,   // swap the configuration
  audit,    // check the invariants, and mend them
};

/// `forbidden`, with the reason, or nothing. `conversation` is needed for view, note, work and tag.
///
///   action            agent                                    supervisor   admin
///   view, note        owns it, follows it, serves its queue    yes          yes
///   work              owns it                                  yes          yes
///   tag               owns it, follows it                      yes          yes
///   act_for, rules    no                                       yes          yes
///   reload, audit     no                                       no           yes
Result<> permit(const Caller& caller, Action action, const routing::Conversation* conversation = nullptr);

/// At whose desk something is done: `acts_for` (empty: his own). `forbidden` for agents naming another,
/// `unprocessable` when there is no such agent.
Result<routing::Actor> actor_of(const config::Config& config, const Caller& caller, const AgentName& acts_for);

/// Narrows a listing to what the caller may view.
void limit_to_visible(const Caller& caller, routing::ConversationFilter& filter);

/// Whether the caller may see this queue's figures: agents those they serve, others all.
bool may_see_queue(const Caller& caller, const QueueName& queue);

}  // namespace peyk::daemon
