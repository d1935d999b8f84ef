// Agents at their sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "tests/bench/support/poller.h"

namespace peyk::bench {

enum class Habit : std::uint8_t {
  look,  // at offers, and do nothing
  work,  // accept at once, resolve once the conversation is shown
};

class AgentSockets {
 public:
  using OnOffer = std::function<void(std::string_view subject)>;

  /// Logs `count` agents in, opens a socket for each, and waits until all are available.
  AgentSockets(Poller& poller, std::uint16_t port, int count, Habit habit);
  ~AgentSockets();
  AgentSockets(const AgentSockets&) = delete;
  AgentSockets& operator=(const AgentSockets&) = delete;

  void on_offer(OnOffer callback) { on_offer_ = std::move(callback); }
  std::uint64_t offers() const { return offers_; }
  std::uint64_t resolved() const { return resolved_; }
  std::uint64_t errors() const { return errors_; }

 private:
  struct Socket;

  void take(Socket& socket, std::string_view frame);
  void accept(Socket& socket, std::string_view frame);
  void resolve(Socket& socket, std::string_view frame);

  std::vector<std::unique_ptr<Socket>> sockets_;
  Habit habit_;
  OnOffer on_offer_{};
  int available_ = 0;
  std::uint64_t offers_ = 0;
  std::uint64_t resolved_ = 0;
  std::uint64_t errors_ = 0;
};

/// A client's text frame, unmasked as far as RFC 6455 allows: with a mask of zeros.
std::string client_frame(std::string_view text);

/// The text of the server's frame at the beginning of `bytes`, and its whole size; size 0 when it is not all there.
struct ServerFrame {
  std::size_t size = 0;
  bool text = false;
  std::string_view payload;
};
ServerFrame read_frame(std::string_view bytes);

/// Opens a WebSocket and waits for the handshake's answer; throws when it is refused.
int open_websocket(std::uint16_t port, std::string_view target, std::string_view subprotocol);

}  // namespace peyk::bench
