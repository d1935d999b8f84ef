// Reading the desk: nothing here changes anything.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "base/error.h"
#include "routing/channel_messages.h"
#include "routing/presence.h"
#include "routing/wait_estimate.h"

namespace peyk::routing {

struct ConversationFilter {
  std::optional<State> state;
  QueueName queue;                        // empty: any
  AgentName agent;                        // empty: any
  std::vector<QueueName> visible_queues;  // with `visible_agent`: only what one of both names; both empty: all
  AgentName visible_agent;
  std::string after;       // cursor of the page before
  std::size_t limit = 50;  // at most 200
};

struct ConversationPage {
  std::vector<Conversation> conversations;
  std::string next;  // cursor; empty: no more
};

/// Some of a conversation's messages, oldest first.
struct MessagePage {
  std::vector<Message> messages;
  bool more = false;  // there are further ones: later ones, or earlier ones of the last
};

/// What somebody without a login may know by a status token.
struct StatusView {
  Conversation conversation;
  std::string agent_name;  // as shown to customers; empty: nobody yet
  std::optional<int> position;
  std::optional<WaitEstimate> wait;
  std::vector<Message> messages;  // in, out and system; no notes; the last ones
  bool truncated = false;         // there are earlier ones, too many or too large
  bool ended = false;             // the link's lifetime is over: nothing else is told
};

/// What waits and nobody in the roster can ever take, by what it asks for once every preference is dropped and every
/// ring open.
struct Unroutable {
  std::string demand;  // in words: "cooling 4, fa 3"; empty: nothing but the queue
  ChannelKind kind = ChannelKind::email;
  std::size_t waiting = 0;
  ConversationId conversation;  // the oldest
  std::string reference;
};

struct QueueView {
  QueueName name;
  std::size_t waiting = 0;
  std::size_t offered = 0;
  std::size_t active = 0;
  Milliseconds oldest_age{0};
  std::size_t agents_available = 0;  // present, available and serving it
  std::size_t agents_free = 0;       // of these with room for some kind
  std::optional<Time> due_at;        // the earliest promised answer of those who wait; as pinned when they came
  std::vector<Unroutable> unroutable;
  std::vector<QueueCount> kinds;
  std::map<ChannelKind, WaitEstimate> waits;  // of one who comes now, by kind; only where he would wait
  std::optional<WaitEstimate> wait;           // the longest of these
  double wait_error_ratio = 0;                // measured against what came true; 0: not known
};

class Reader {
 public:
  virtual ~Reader() = default;

  virtual asio::awaitable<Result<Conversation>> conversation(ConversationId id) = 0;
  /// Messages with a seq above `after`, at most `limit` (1,000) and about two megabytes of them, but one at least where
  /// there is one.
  virtual asio::awaitable<Result<MessagePage>> page(ConversationId id, std::uint64_t after, std::size_t limit) = 0;
  /// Those of such a page.
  asio::awaitable<Result<std::vector<Message>>> messages(ConversationId id, std::uint64_t after, std::size_t limit);
  virtual asio::awaitable<Result<Message>> message(ConversationId id, MessageId message) = 0;
  virtual asio::awaitable<Result<Contact>> contact(ContactId id) = 0;
  virtual asio::awaitable<Result<ConversationPage>> conversations(ConversationFilter filter) = 0;
  virtual asio::awaitable<Result<std::vector<QueueView>>> queues() = 0;
  virtual asio::awaitable<Result<std::vector<AgentView>>> agents() = 0;
  /// How many agents are in each state; costs the same however many there are.
  virtual asio::awaitable<Result<std::map<PresenceState, std::size_t>>> agent_states() = 0;

  /// The open (or last resolved, reopenable) conversation of this identity on that channel; nullopt when none.
  virtual asio::awaitable<Result<std::optional<Conversation>>> conversation_of(Identity identity,
                                                                               ChannelName channel) = 0;
  virtual asio::awaitable<Result<StatusView>> status(std::string token) = 0;
  /// Its place among those waiting for the same queue and kind, from 1, and the wait to expect.
  virtual asio::awaitable<Result<std::pair<std::optional<int>, std::optional<WaitEstimate>>>> position(
      ConversationId id) = 0;
  /// A blob is visible to whoever may see a conversation that names it.
  virtual asio::awaitable<Result<std::vector<ConversationId>>> conversations_of_blob(BlobId blob) = 0;

  /// Why it is where it is; the JSON that docs/api.md describes, with a "text" for people.
  virtual asio::awaitable<Result<boost::json::object>> explain(ConversationId id) = 0;
  /// Checks the invariants; mends what it finds when `repair`. JSON with "findings".
  virtual asio::awaitable<Result<boost::json::object>> audit(bool repair) = 0;
};

}  // namespace peyk::routing
