// Agents' sockets: WebSocket `peyk.agent.v1`, fed by the desk's event stream.
#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"
#include "base/random.h"
#include "daemon/commands.h"
#include "daemon/sessions.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

struct GatewayDependencies {
  asio::any_io_executor executor;
  routing::Desk& desk;
  Sessions& sessions;
  Commands& commands;
  RandomSource& random;
  ConfigSource config;
};

/// Everything an agent's socket shows is read from Redis, so it can be rebuilt on any daemon; the event stream says
/// when to look. One read an offer and no polling: the cost of a socket is what happens to its agent. One thread.
class AgentGateway {
 public:
  virtual ~AgentGateway() = default;

  /// Registers GET /api/v1/agent.
  virtual void attach(net::Routes& routes) = 0;

  /// Begins to listen to the desk's events.
  virtual void start() = 0;

  /// The store answers again after it was gone: leases are renewed at once and everything is told anew.
  virtual void resync() = 0;

  /// Closes the sockets of agents who left the configuration.
  virtual void reconfigure() = 0;

  /// Ends what works for sockets, and waits until the store knows of those that ended.
  virtual asio::awaitable<void> stop() = 0;

  virtual std::size_t sockets() const = 0;
};

std::unique_ptr<AgentGateway> create_agent_gateway(GatewayDependencies dependencies);

}  // namespace peyk::daemon
