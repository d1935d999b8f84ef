// What every channel is to the rest of the house.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "routing/channel_messages.h"

namespace peyk::channels {

namespace asio = boost::asio;

/// What a channel can do.
struct Capabilities {
  bool threads = false;      // its messages carry ids that answers name
  bool typing = false;       // shows that somebody types
  bool attachments = false;  // takes and sends files
  bool sends = false;        // delivers answers through the outbox (chat answers are pushed to the visitor's socket)
};

struct ChannelHealth {
  enum class Status : std::uint8_t { pass, warn, fail };
  Status status = Status::pass;
  std::string code;     // issue code: "smtp.unreachable"; empty when pass
  std::string message;  // for people
};

/// One configured channel. Customers' messages go to routing::Intake; nothing is acknowledged before it answers.
class Channel {
 public:
  virtual ~Channel() = default;

  virtual const ChannelName& name() const = 0;
  virtual routing::ChannelKind kind() const = 0;
  virtual Capabilities capabilities() const = 0;

  /// Takes the place it listens at, and no messages yet: peers wait. Throws, naming the channel and its place in the
  /// configuration, when it cannot.
  virtual void open() {}

  /// Begins to take messages; opens first what is not open, and throws as `open()` does.
  virtual void start() = 0;

  /// Takes no new messages, finishes what is under way (each wait has its deadline), then returns.
  virtual asio::awaitable<void> stop() = 0;

  /// Hands one message to the peer. Called only when `capabilities().sends`; the worker sees to retries.
  virtual asio::awaitable<routing::SendResult> send(routing::Outbound message) = 0;

  virtual ChannelHealth health() const = 0;
};

}  // namespace peyk::channels
