// What passes between channels and routing: wire format never does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "routing/conversation.h"

namespace peyk::routing {

/// What a channel knows about the conversation that a message continues.
struct ThreadHints {
  ConversationId conversation;          // named by a secret that only a party to it has: a chat's visitor, a mail's
                                        // reply token; empty: not known
  std::vector<std::string> references;  // external ids that the message answers, nearest first
};

/// A message from a customer, parsed and cleaned (valid UTF-8), not yet stored.
struct Inbound {
  ChannelName channel;
  ChannelKind kind = ChannelKind::email;
  std::string delivery_key;  // the same when the same message comes twice; at most 200 bytes; required
  std::string
      body_digest;  // SHA-256 hex of what the key stands for: same key, other digest is a conflict; may be empty
  Identity sender;  // who writes, as this channel knows him
  std::vector<Identity>
      also_known_as;                 // further identities he claims (a chat visitor's e-mail), unverified unless said
  std::optional<Identity> reply_to;  // where he wants answers instead; counts in what opens a conversation alone
  std::string sender_name;
  ThreadHints thread;
  std::string subject;
  std::string text;
  std::string html;
  std::vector<Attachment> attachments;  // already in the blob folder
  BlobId raw;                           // the message as it came; empty: none
  std::string external_id;              // e.g. Message-ID
  std::map<std::string, std::string> fields;
  std::string locale;      // of channel or browser: "fa"
  bool automatic = false;  // an auto-reply or bounce: joins, wakes nobody
};

/// Quantiles in seconds.
struct WaitEstimate {
  double p50 = 0;
  double p90 = 0;
};

/// A stored message: only now may the channel acknowledge.
struct Accepted {
  ConversationId conversation;
  MessageId message;
  std::string reference;
  std::string status_token;  // opens the status page
  State state = State::waiting;
  Time at;
  bool created = false;              // a conversation was opened
  bool duplicate = false;            // this delivery key was stored before: the first answer again
  std::optional<int> position;       // from 1; null when not waiting
  std::optional<WaitEstimate> wait;  // null when not known
};

/// A message to a customer, from the outbox.
struct Outbound {
  std::string outbox_id;
  ConversationId conversation;
  MessageId message;
  ChannelName channel;  // that sends it (a form's answer goes by its reply_via)
  std::string reference;
  std::vector<Identity> to;  // of the kinds this channel reaches
  std::string contact_name;
  std::string from_name;  // of the agent
  std::string subject;
  std::string text;
  std::vector<Attachment> attachments;
  std::string in_reply_to;              // external id of the customer's last message
  std::vector<std::string> references;  // external ids so far, oldest first
  std::string status_token;
  bool automatic = false;  // written by Peyk itself: carries what keeps answering machines from answering
  Time at;
  int attempt = 1;
};

/// What became of an attempt to send.
struct SendResult {
  enum class Kind : std::uint8_t { sent, retry, failed };
  Kind kind = Kind::sent;
  std::string external_id;  // of the message sent
  std::string detail;       // for retry and failed: what the peer said
};

}  // namespace peyk::routing
