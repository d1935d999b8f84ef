// One side of an open WebSocket, text frames only.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace peyk::net {

namespace asio = boost::asio;

/// One thread. Pings keep the connection known to be alive; a peer silent for too long is closed.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// The next text message (UTF-8 checked). `cancelled` when the peer closed, went silent or the server stops;
  /// `too_large`, `invalid` after which the socket is closed already.
  virtual asio::awaitable<Result<std::string>> read() = 0;

  /// Queues one text message, in order. Cut (logged) when what stands behind the message being written, or all that
  /// one client's sockets have unsent, passes a bound: false then, and after the close.
  virtual bool send(std::string text) = 0;

  /// Sends what is queued, then the close frame. Code 1000 normal, 1001 going away, 1008 policy, 1011 error, 1013
  /// try again later.
  virtual void close(int code, std::string_view reason) = 0;

  virtual bool open() const = 0;

  /// Lifts or lowers the limit on incoming messages, e.g. after a login.
  virtual void set_frame_limit(std::size_t bytes) = 0;
};

}  // namespace peyk::net
