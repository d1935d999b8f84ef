// One agent's socket, from its hello to its end.
#pragma once

#include <memory>
#include <string>

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
};

struct SocketDependencies {
  Sessions& sessions;
  Commands& commands;
  ConfigSource config;
  SocketHost& host;
  std::string id;
};

/// Reads hello, then commands, one after another; each gets its ok or error. Bad input is answered and harms nothing.
asio::awaitable<void> run_agent_socket(SocketDependencies dependencies, std::shared_ptr<net::WebSocket> socket,
                                       std::string peer);

}  // namespace peyk::daemon
