// All channels of the desk: from a kind in the configuration to something that runs.
#pragma once

#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "channels/channel.h"
#include "channels/context.h"

namespace peyk::channels {

/// What all channels of one kind share (HTTP routes, sockets), and what builds each of them.
class ChannelType {
 public:
  virtual ~ChannelType() = default;

  /// A channel, not yet started. `config` is kept, `channel` stands in it.
  virtual std::unique_ptr<Channel> create(config::ConfigPtr config, const config::Channel& channel) = 0;

  /// Takes changed settings while the channel runs; false: it must be stopped and built anew.
  virtual bool update(Channel& running, config::ConfigPtr config, const config::Channel& channel) = 0;

  /// The place of this machine that such a channel takes for itself; empty: none.
  virtual std::string listens(const config::Channel&) const { return {}; }
};

/// The channels that run. One thread.
class Channels {
 public:
  virtual ~Channels() = default;

  /// Starts every channel; throws, naming the channel, when one cannot start.
  virtual void start() = 0;

  /// Stops all of them side by side.
  virtual asio::awaitable<void> stop() = 0;

  /// Opens the places that channels of `config` listen at and nobody here does yet, beside what runs. `unprocessable`,
  /// naming channel and reason, when one cannot be opened: nothing has changed then. Followed by `reconfigure` of the
  /// same configuration or by `abandon`.
  virtual Result<> prepare(config::ConfigPtr config) = 0;
  virtual void abandon() = 0;

  /// Stops what is gone, rebuilds what changed, starts what is new. A channel that cannot start stays in `all()`, its
  /// health `fail`; its reason is returned as `unavailable`, naming it; the others run.
  virtual asio::awaitable<Result<>> reconfigure(config::ConfigPtr config) = 0;

  /// Null when there is none of that name. Valid until the next reconfigure().
  virtual Channel* find(const ChannelName& name) = 0;
  virtual std::vector<const Channel*> all() const = 0;

  /// The outbox's sender: `retry` while the channel is not there.
  virtual asio::awaitable<routing::SendResult> send(routing::Outbound message) = 0;
};

/// Registers the channels' HTTP routes (form, chat, status) and builds the channels of `config`.
std::unique_ptr<Channels> create_channels(ChannelContext context, config::ConfigPtr config);

}  // namespace peyk::channels
