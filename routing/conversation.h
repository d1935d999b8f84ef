// A conversation and what it is made of, as the API's "Shapes" name them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "routing/types.h"

namespace peyk::routing {

/// How a person is known: {"email", "x@y.example", verified}, {"visitor", …}.
struct Identity {
  std::string kind;
  std::string value;
  bool verified = false;
  friend bool operator==(const Identity&, const Identity&) = default;
};

struct Contact {
  ContactId id;
  std::string name;
  std::vector<Identity> identities;
  std::string language;
  std::map<std::string, std::string> attributes;
  std::vector<std::string> tags;
  ContactId merged_into;                      // empty: not merged
  std::vector<ConversationId> conversations;  // the last 20, newest last
};

struct Attachment {
  BlobId id;
  std::string name;
  std::string type;  // media type
  std::uint64_t size = 0;
  bool inlined = false;  // spelled "inline"
};

struct Author {
  ActorKind kind = ActorKind::customer;
  std::string id;    // contact id or agent name
  std::string name;  // as shown
  bool verified = true;
};

struct Message {
  MessageId id;
  std::uint64_t seq = 0;  // within the conversation, from 1
  Time at;
  Direction direction = Direction::in;
  Author author;
  ChannelName channel;
  std::string external_id;  // e.g. the Message-ID of a mail
  std::string text;
  std::string html;  // as received: never shown without being sanitised
  std::vector<Attachment> attachments;
  MessageState state = MessageState::stored;
  std::string detail;  // of state: why it failed
};

/// Required skill levels: {"cooling": 2}.
using SkillLevels = std::map<std::string, int>;

/// A preference insisted on until `until`, then dropped.
struct Preference {
  SkillLevels skills;
  Milliseconds insisted_for{0};
};

struct Demand {
  SkillLevels require;
  std::vector<Preference> prefer;
};

/// Pinned when the conversation came.
struct Promise {
  Time first_reply_by;
  Time resolve_by;
};

/// What the customer thought of it.
struct Rating {
  int score = 0;  // 1 to 5
  std::string comment;
  Time at;
};

struct Conversation {
  ConversationId id;
  std::string reference;  // "PK-7F3K2"
  State state = State::waiting;
  QueueName queue;
  ChannelKind kind = ChannelKind::email;
  ChannelName channel;
  std::string subject;
  std::string language;
  Priority priority = Priority::normal;
  Demand demand;
  Promise promise;
  ContactId contact;
  Initiator initiator = Initiator::customer;
  AgentName agent;  // owner; empty: none
  std::vector<AgentName> followers;
  std::vector<Identity> participants;
  std::vector<std::string> tags;
  std::map<std::string, std::string> fields;
  Time created_at;
  std::optional<Time> first_replied_at;
  std::optional<Time> unanswered_since;  // of the oldest customer's message without an answer
  std::optional<Time> answer_due;        // by when that message was promised its answer
  std::optional<NextActor> next_actor;   // always set while open
  std::optional<Time> next_at;           // always set while open: when someone or something acts at the latest
  std::optional<Outcome> outcome;
  std::optional<Rating> rating;  // his last one
  std::vector<ConversationId> related;
  std::string config_version;
};

}  // namespace peyk::routing
