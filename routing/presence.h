// Who is there: states that agents set, and leases that their sockets renew.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "routing/agent_work.h"
#include "routing/conversation.h"

namespace peyk::routing {

/// An offer as its agent sees it.
struct OfferView {
  OfferId id;
  AgentName agent;
  Conversation conversation;
  std::string contact_name;
  std::string preview;  // the first 200 characters of the oldest unanswered message
  Milliseconds waited{0};
  Time expires_at;
  std::string why;                    // one line for people: the rule and what decided
  int history_count = 0;              // the contact's earlier conversations
  std::vector<Conversation> history;  // the last three
};

struct AgentView {
  AgentName name;
  PresenceState presence = PresenceState::away;
  std::string reason;  // why, as set by him or by the router ("missed 3 offers")
  bool connected = false;
  double load = 0;  // units, offers and wrap-up included
  double capacity = 0;
  Time since;  // in this state since
  std::vector<OfferId> offers;
  std::vector<ConversationId> conversations;
};

class Presence {
 public:
  virtual ~Presence() = default;

  /// The state he wants. Available only while connected.
  virtual asio::awaitable<Result<AgentView>> set(Actor actor, PresenceState state, std::string reason) = 0;

  /// A socket of this agent lives: renews its lease. First call of a socket connects him. Called every third of
  /// `presence.lease`.
  virtual asio::awaitable<Result<>> renew(AgentName agent, std::string socket) = 0;

  /// A socket ended. When it was his last: he takes nothing new at once, keeps his offers for `grace` and his active
  /// chats for `reassign_after`.
  virtual asio::awaitable<Result<>> socket_gone(AgentName agent, std::string socket) = 0;

  virtual asio::awaitable<Result<AgentView>> view(AgentName agent) = 0;
  virtual asio::awaitable<Result<OfferView>> offer(OfferId offer) = 0;
  /// The offer that an `offer.made` event tells of. `via` is the event's: what a call of this daemon made came with
  /// that call's reply, and costs no read.
  virtual asio::awaitable<Result<OfferView>> made(OfferId offer, std::string via) = 0;
};

}  // namespace peyk::routing
