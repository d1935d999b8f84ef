// How WebSockets come to be, on the server's side and on the client's.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/net/held_bytes.h"
#include "base/net/http.h"
#include "base/net/http_client.h"
#include "base/net/websocket.h"

namespace peyk::net {

/// What the owner of a connection needs of a WebSocket beside reading and writing.
class WebSocketPeer : public WebSocket {
 public:
  /// Waits until the connection has ended; cuts it when the closing handshake takes too long.
  virtual asio::awaitable<void> ended() = 0;

  /// Ends the connection now, without a close frame.
  virtual void cut() = 0;

  /// Cuts it (logged) when what is being sent is late; called every now and then, which spares a timer for each frame.
  virtual void check(std::chrono::steady_clock::time_point now) = 0;
};

struct WebSocketLimits {
  std::size_t frame_bytes = std::size_t{1} << 20U;
  std::size_t queue_bytes = std::size_t{1} << 20U;
  std::chrono::milliseconds silence{40'000};  // pinged after half of it
  // While something is to be sent: a second more for each 16 KiB that the peer has got of it.
  std::chrono::milliseconds write_time{30'000};
  // What all sockets of a server have not sent, of which this one may hold `unsent_bytes`; null: not counted.
  std::shared_ptr<HeldBytes> unsent{};
  std::size_t unsent_bytes = 0;
  std::string network{};  // whose share it is; empty: nobody's
};

/// Answers the handshake of a request that check_handshake let pass.
asio::awaitable<Result<std::shared_ptr<WebSocketPeer>>> accept_websocket(asio::ip::tcp::socket socket, Request request,
                                                                         std::string subprotocol,
                                                                         WebSocketLimits limits);

}  // namespace peyk::net
