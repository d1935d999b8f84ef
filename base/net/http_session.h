// One connection of the HTTP server, from accept to close or to its upgrade.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/net/http.h"
#include "base/net/http_server.h"
#include "base/net/proxies.h"

namespace peyk::net {

/// A connection's place among those the server allows; given back on destruction.
class ConnectionSlot {
 public:
  explicit ConnectionSlot(std::size_t& count) : count_(&count) { ++count; }
  ConnectionSlot(ConnectionSlot&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  ConnectionSlot& operator=(ConnectionSlot&&) = delete;
  ~ConnectionSlot() {
    if (count_ != nullptr) --*count_;
  }

 private:
  std::size_t* count_;
};

/// Bytes of bodies that are held in memory, over all connections; a request's share is given back with it.
class BodyShare {
 public:
  explicit BodyShare(std::size_t& total) : total_(total) {}
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  ~BodyShare() { total_ -= held_; }

  /// Now `bytes`; returns the total.
  std::size_t hold(std::size_t bytes) {
    total_ = total_ - held_ + bytes;
    held_ = bytes;
    return total_;
  }

 private:
  std::size_t& total_;
  std::size_t held_ = 0;
};

/// What a connection keeps to from its first byte to its last.
struct ConnectionRules {
  HttpLimits limits;
  TrustedProxies proxies;
};

/// An accepted socket with what belongs to it.
struct Connected {
  asio::ip::tcp::socket socket;
  ConnectionSlot slot;
  std::shared_ptr<const ConnectionRules> rules;
};

/// What a session needs of its server.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual const Routes& routes() const = 0;
  virtual HttpCounters& tally() = 0;
  virtual std::size_t& body_bytes() = 0;
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
