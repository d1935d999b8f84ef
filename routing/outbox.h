// Answers on their way out: taken from Redis, handed to channels, retried with back-off, never lost or sent twice.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "routing/channel_messages.h"

namespace peyk::routing {

namespace asio = boost::asio;

struct OutboxStatus {
  Time at;  // when it was looked at, by the store's clock
  std::size_t queued = 0;
  std::size_t retrying = 0;
  Milliseconds oldest_age{0};
};

/// Claims due entries under a lease of ten seconds, renewed while the sending lasts, so that of several daemons one
/// sends; an entry of a daemon that died is claimed again when its lease ran out. A message keeps its Message-ID over
/// all attempts.
class Outbox {
 public:
  /// Sends one message through its channel.
  using Sender = std::function<asio::awaitable<SendResult>(Outbound)>;

  virtual ~Outbox() = default;
  virtual void start(Sender sender) = 0;
  /// Takes nothing new, and waits for what is being sent.
  virtual asio::awaitable<void> stop() = 0;
  virtual std::optional<OutboxStatus> status() const = 0;
};

}  // namespace peyk::routing
