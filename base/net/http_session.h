// One connection of the HTTP server, from accept to close or to its upgrade.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/net/held_bytes.h"
#include "base/net/http.h"
#include "base/net/http_server.h"
#include "base/net/proxies.h"

namespace peyk::net {

/// How many connections each client has, by `client_network`.
using ConnectionCounts = std::unordered_map<std::string, std::size_t>;

/// A connection's place among those the server allows, and among those its client may have; given back on destruction.
class ConnectionSlot {
 public:
  /// `network` empty: the client's are not counted.
  ConnectionSlot(std::size_t& count, ConnectionCounts& counts, std::string network)
      : count_(&count), counts_(counts), network_(std::move(network)) {
    ++count;
    if (!network_.empty()) ++counts_[network_];
  }
  ConnectionSlot(ConnectionSlot&& other) noexcept
      : count_(std::exchange(other.count_, nullptr)), counts_(other.counts_), network_(std::move(other.network_)) {}
  ConnectionSlot& operator=(ConnectionSlot&&) = delete;
  ~ConnectionSlot() {
    if (count_ == nullptr) return;
    --*count_;
    if (const auto found = counts_.find(network_); found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  std::size_t* count_;
  ConnectionCounts& counts_;
  std::string network_;
};

/// What a connection keeps to from its first byte to its last.
struct ConnectionRules {
  HttpLimits limits;
  TrustedProxies proxies;
  std::vector<std::string> reserved_paths;
};

/// Whose share a request of a connection from `address` takes; empty: nobody's, as where a trusted proxy, or a program
/// on this machine, names no client.
std::string sharing_network(const ConnectionRules& rules, const asio::ip::address& address, const Request& request);

/// An accepted socket with what belongs to it.
struct Connected {
  asio::ip::tcp::socket socket;
  ConnectionSlot slot;
  std::shared_ptr<const ConnectionRules> rules;
  bool spare = false;  // beyond `connections`: for one request to a reserved path
};

/// What a session needs of its server.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual const Routes& routes() const = 0;
  virtual HttpCounters& tally() = 0;
  virtual HeldBytes& bodies() = 0;
  virtual HeldBytes& answers() = 0;
  /// A request is refused, since its body would be more than its client, or all of them, may hold.
  virtual void body_refused(const HeldShare& share) = 0;
  /// Takes the connection over for a WebSocket whose request has been checked.
  virtual void upgrade(Connected connection, Request request, std::shared_ptr<const WebSocketRoute> route) = 0;
};

class HttpSession {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~HttpSession() = default;
  virtual asio::awaitable<void> run() = 0;
  /// Ends what is late; called every now and then, which spares a timer for each wait.
  virtual void check(Time now) = 0;
  /// Closes now if idle, after the answer otherwise.
  virtual void finish() = 0;
  /// Closes now.
  virtual void cut() = 0;
};

std::shared_ptr<HttpSession> create_http_session(Connected connection, SessionHost& host);

}  // namespace peyk::net
