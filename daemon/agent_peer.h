// One connected agent, on this daemon: his sockets, what is to be told to them, and his lease.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "base/async/event.h"
#include "base/async/task_group.h"
#include "base/net/websocket.h"
#include "daemon/sessions.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// What a peer needs of the house; shared by all of them.
struct PeerContext {
  asio::any_io_executor executor;
  routing::Desk& desk;
  Sessions& sessions;
  ConfigSource config;
  /// Told of each conversation that a welcome shows, and whose it is.
  std::function<void(const std::string& conversation, const AgentName& agent)> owned;
};

/// Something to tell an agent. What needs a read of the store first is read when its turn comes, so that the order of
/// the event stream is kept and each thing costs one read, for all of his sockets together.
struct Notice {
  enum class Kind : std::uint8_t {
    frame,     // `frame` as it is
    welcome,   // everything, to `socket` (empty: to all)
    offer,     // the offer `id`
    assigned,  // the conversation `conversation`, whole
    message,   // the message `id` of `conversation`
    delivery,  // what became of the message `id` of `conversation`
    presence,  // state and load
  };
  Kind kind = Kind::frame;
  std::string id;
  std::string conversation;
  std::string socket;   // of welcome
  std::string but_not;  // a socket that knows already
  std::string via;      // of an offer: who made it
  boost::json::object frame;
};

/// All calls on the loop's thread. Shared by the tasks that work for it.
class AgentPeer : public std::enable_shared_from_this<AgentPeer> {
 public:
  AgentPeer(PeerContext context, AgentName agent);

  const AgentName& agent() const { return agent_; }
  bool empty() const { return sockets_.empty(); }
  std::size_t size() const { return sockets_.size(); }

  /// Begins with a welcome. `id` is unique on all daemons.
  void add(std::string id, Session session, std::shared_ptr<net::WebSocket> socket);
  void remove(const std::string& id);

  /// Queues a notice. Past the bound everything queued is dropped, and a welcome says it all anew.
  void tell(Notice notice);

  /// Tells him everything anew: after a gap in the events, or an outage of the store.
  void resync();

  /// Remembers that a socket declined an offer itself, so that it is not told so.
  void note_decline(const std::string& offer, const std::string& socket) { declined_[offer] = socket; }
  std::string take_decline(const std::string& offer);

  /// The last message of a conversation of his that this socket was sent; empty: none.
  std::string shown(const std::string& socket, const std::string& conversation) const;

  /// Ends all sockets of this agent with that code.
  void close(int code, std::string_view reason);

  /// Lets `speak` and `keep_lease` end: the last socket is gone.
  void finish();

  /// Renews the lease now. False when the store did not answer.
  asio::awaitable<bool> renew_now();

  /// Works until `finish()` or cancelled: tells what is queued.
  asio::awaitable<void> speak();
  /// Works until `finish()` or cancelled: renews the lease every third of it, and closes sockets whose session has
  /// ended.
  asio::awaitable<void> keep_lease();

 private:
  struct Socket {
    Session session;
    std::shared_ptr<net::WebSocket> web_socket;
    bool welcomed = false;
    std::map<std::string, std::string, std::less<>> shown;  // conversations in his hands: the last message sent
  };

  asio::awaitable<Result<>> deliver(Notice notice);
  asio::awaitable<Result<>> welcome(std::string only);
  asio::awaitable<Result<boost::json::object>> build_welcome();
  asio::awaitable<Result<boost::json::object>> build(Notice notice);
  asio::awaitable<void> check_sessions();
  std::vector<std::string> socket_ids() const;
  void send(const boost::json::object& frame, const std::string& but_not);
  /// Remembers what a frame that was sent has shown.
  void note_shown(Socket& socket, const boost::json::object& frame) const;

  PeerContext context_;
  AgentName agent_;
  std::map<std::string, Socket> sockets_;
  std::deque<Notice> queue_;
  Event wake_;
  Event finished_event_;
  bool finished_ = false;
  std::map<std::string, std::string> declined_;
};

/// Sends one JSON frame.
bool send_frame(net::WebSocket& socket, const boost::json::object& frame);

}  // namespace peyk::daemon
