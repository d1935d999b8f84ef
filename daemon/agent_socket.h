// One agent's socket, from its hello to its end.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/net/websocket.h"
#include "daemon/commands.h"
#include "daemon/sessions.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// Where sockets are known while they live.
class SocketHost {
 public:
  virtual ~SocketHost() = default;
  /// Connects the agent and lets the socket be told things, beginning with the welcome.
  virtual asio::awaitable<Result<>> enter(const std::string& id, Session session,
                                          std::shared_ptr<net::WebSocket> socket) = 0;
  virtual void leave(const std::string& id, const AgentName& agent) = 0;
  /// This socket has just declined that offer itself.
  virtual void declined(const AgentName& agent, const std::string& offer, const std::string& id) = 0;
  /// The last message of a conversation of his that this socket was sent; empty: none.
  virtual std::string shown(const AgentName& agent, const std::string& id, const std::string& conversation) const = 0;
  /// Runs a socket's work beside it; false when the host stops.
  virtual bool spawn(std::string_view name, asio::awaitable<void> work) = 0;
};

struct SocketDependencies {
  Sessions& sessions;
  Commands& commands;
  ConfigSource config;
  SocketHost& host;
  std::string id;
};

/// Reads hello, then commands; they are done one after another, and each gets its ok or error. Bad input is answered
/// and harms nothing. Commands are read ahead of their turn, so that one which would put a conversation aside is judged
/// by what its sender had been shown when it came, not when it is done.
asio::awaitable<void> run_agent_socket(SocketDependencies dependencies, std::shared_ptr<net::WebSocket> socket,
                                       std::string peer);

}  // namespace peyk::daemon
