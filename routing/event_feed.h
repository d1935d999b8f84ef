// The desk's event stream as it grows: what sockets, metrics and estimates live on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/redis/client.h"
#include "routing/types.h"

namespace peyk::routing {

namespace asio = boost::asio;

/// One entry. Ids only, never text.
///
/// Types: `conversation.created` `.queued` `.assigned` `.transferred` `.resolved` `.reopened` `.pending` `.snoozed`
/// `.woken` `.closed` `.relaxed` `.rated`; `message.in` `.out` `.note` `.system`; `message.delivery`;
/// `offer.made` `.accepted` `.declined` `.expired` `.withdrawn`; `agent.presence` `.connected` `.disconnected`;
/// `roster.changed`.
struct Event {
  std::string id;  // of the stream entry
  int version = 1;
  Time at;
  std::string type;
  ConversationId conversation;                          // empty for agent.* and roster.*
  std::string actor;                                    // "agent:ani", "customer:p_…", "system"
  std::string cause;                                    // why, one word: "timeout", "resolve", …
  std::map<std::string, std::string, std::less<>> ids;  // agent, offer, message, queue, state, next_at, …

  std::string_view get(std::string_view name) const;
};

/// The events of an entry of the stream as XRANGE answers it: what one call of a script told, in its order. They share
/// the entry's id.
std::vector<Event> read_events(const redis::Reply& entry);

/// Reads the stream on a connection of its own from the moment of `start()`, and goes on after a lost connection
/// where it stopped: no event is missed or seen twice. Listeners are called on the loop's thread, in order of the
/// stream, and must not wait.
class EventFeed {
 public:
  using Listener = std::function<void(const Event&)>;
  /// Unsubscribes when it is destroyed.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  virtual ~EventFeed() = default;
  virtual void start() = 0;
  virtual asio::awaitable<void> stop() = 0;
  /// Waits until it stands at the stream's end: nothing that happens afterwards is missed. False when `limit` passed.
  virtual asio::awaitable<bool> begun(Milliseconds limit);
  virtual std::unique_ptr<Subscription> listen(Listener listener) = 0;
  /// Called when entries may have been trimmed before they were read (a very long outage): look again at everything.
  virtual std::unique_ptr<Subscription> on_gap(std::function<void()> listener) = 0;
};

std::unique_ptr<EventFeed> create_event_feed(asio::any_io_executor executor, redis::ClientOptions options,
                                             std::string desk);

/// That somebody types or has read: true for a moment, stored nowhere, shared by all daemons through Pub/Sub.
struct Signal {
  std::string type;  // "typing" or "read"
  ConversationId conversation;
  bool from_customer = false;
  std::string by;       // agent's name or contact's id
  std::string message;  // of "read"
};

class Signals {
 public:
  using Listener = std::function<void(const Signal&)>;
  virtual ~Signals() = default;
  virtual void start() = 0;
  virtual asio::awaitable<void> stop() = 0;
  virtual void send(Signal signal) = 0;  // best effort
  virtual std::unique_ptr<EventFeed::Subscription> listen(Listener listener) = 0;
};

std::unique_ptr<Signals> create_signals(asio::any_io_executor executor, redis::ClientOptions options,
                                        redis::Client& client, std::string desk);

}  // namespace peyk::routing
