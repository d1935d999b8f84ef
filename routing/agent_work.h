// What agents do with conversations. Who may do what is decided above (daemon/permissions); these check the state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "routing/conversation.h"

namespace peyk::routing {

namespace asio = boost::asio;

/// Who acts: an agent, or a supervisor or admin for an agent (the record names both).
struct Actor {
  ActorKind kind = ActorKind::agent;
  AgentName name;      // who did it
  AgentName acts_for;  // whose desk it is done at; equal to `name` unless a supervisor acts for another
};

struct Reply {
  std::string key;  // chosen by the client; the same key again is not sent twice
  std::string text;
  std::vector<Attachment> attachments;
  MessageId seen{};
};

struct Transfer {
  QueueName queue;  // one of queue and agent is set
  AgentName agent;
  SkillLevels require;  // instead of the old demand; empty: the queue's own
  std::string note;
};

struct Resolution {
  std::optional<Outcome> outcome;
  std::string note;
  MessageId seen;
};

struct Start {
  ChannelName channel;
  std::string to;  // an address, or a contact's id
  std::string subject;
  std::string text;
  std::string key;
};

/// Tags added and taken away; both may be done already.
struct TagChange {
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

/// Where a call takes `seen` it is the last message that its agent has seen: what the customer wrote after it must not
/// be put aside unread, so then it is `conflict` with the word `unseen` first in the message. Empty: not looked at. An
/// id that no message has: he has seen nothing. A reply is stored and sent all the same; what came after `seen` stays
/// unanswered.
///
/// All changes are one script each; `conflict` when the conversation or offer is no longer in a state that allows it
/// (the message says which), `not_found` when there is none such, `unavailable` when the store does not answer.
class AgentWork {
 public:
  virtual ~AgentWork() = default;

  /// `taken`, `expired`, `withdrawn` as `conflict` with that word first in the message.
  virtual asio::awaitable<Result<ConversationId>> accept(Actor actor, OfferId offer) = 0;
  virtual asio::awaitable<Result<>> decline(Actor actor, OfferId offer, std::string reason) = 0;

  virtual asio::awaitable<Result<Message>> reply(Actor actor, ConversationId conversation, Reply reply) = 0;
  virtual asio::awaitable<Result<Message>> note(Actor actor, ConversationId conversation, std::string text) = 0;
  virtual asio::awaitable<Result<>> transfer(Actor actor, ConversationId conversation, Transfer transfer) = 0;
  /// What is resolved already, with the same outcome or none given, stays so: whoever was not told may ask again.
  virtual asio::awaitable<Result<>> resolve(Actor actor, ConversationId conversation, Resolution resolution) = 0;
  virtual asio::awaitable<Result<>> snooze(Actor actor, ConversationId conversation, Time until, MessageId seen) = 0;
  /// Without `until`: after the configuration's `pending_for`.
  virtual asio::awaitable<Result<>> pending(Actor actor, ConversationId conversation, std::optional<Time> until,
                                            MessageId seen) = 0;
  virtual asio::awaitable<Result<ConversationId>> start(Actor actor, Start start) = 0;

  /// The tags it has then. `unprocessable` for one that is none (a comma, a control character), or too many.
  virtual asio::awaitable<Result<std::vector<std::string>>> tag(Actor actor, ConversationId conversation,
                                                                TagChange change) = 0;
  virtual asio::awaitable<Result<std::vector<std::string>>> tag(Actor actor, ContactId contact, TagChange change) = 0;
};

}  // namespace peyk::routing
