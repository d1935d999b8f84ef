#include "channels/registry.h"

#include <array>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/task_group.h"
#include "channels/chat/chat_type.h"
#include "channels/email/email_channel.h"
#include "channels/form/form_type.h"
#include "channels/status/status_routes.h"

namespace peyk::channels {
namespace {

/// What cannot change while it runs goes on undisturbed by a reload that does not concern it.
bool is_same(const std::map<ChannelName, config::Channel>& before, const config::Channel& now) {
  const auto found = before.find(now.name);
  if (found == before.end()) return false;
  const auto& then = found->second;
  return then.locale == now.locale && then.language == now.language && then.settings == now.settings;
}

/// Stands for a channel that could not be opened: seen by health, and answers wait for it.
class ClosedChannel : public Channel {
 public:
  ClosedChannel(const config::Channel& channel, std::string reason)
      : name_(channel.name), kind_(channel.kind()), reason_(std::move(reason)) {}

  const ChannelName& name() const override { return name_; }
  routing::ChannelKind kind() const override { return kind_; }
  Capabilities capabilities() const override { return {}; }
  void start() override {}
  asio::awaitable<void> stop() override { co_return; }
  asio::awaitable<routing::SendResult> send(routing::Outbound) override {
    co_return routing::SendResult{routing::SendResult::Kind::retry, {}, reason_};
  }
  ChannelHealth health() const override { return {ChannelHealth::Status::fail, "channel.closed", reason_}; }

 private:
  ChannelName name_;
  routing::ChannelKind kind_;
  std::string reason_;
};

class RunningChannels : public Channels {
 public:
  RunningChannels(const ChannelContext& context, config::ConfigPtr config)
      : context_(context),
        config_(std::move(config)),
        // In the order of ChannelKind.
        types_{email::create_email_type(context_), chat::create_chat_type(context_), form::create_form_type(context_)},
        status_(status::create_status_routes(context_, config_)) {
    for (const auto& [name, channel] : config_->channels) {
      channels_[name] = type_of(channel).create(config_, channel);
    }
  }

  void start() override {
    for (const auto& [name, channel] : channels_) {
      channel->start();
      spdlog::info("channel.started channel={} kind={}", name.str(), to_string(channel->kind()));
    }
  }

  asio::awaitable<void> stop() override {
    TaskGroup stopping(context_.executor, "channels.stop");
    for (const auto& [name, channel] : channels_) stopping.spawn(name.str(), channel->stop());
    co_await stopping.join();
    channels_.clear();
  }

  Result<> prepare(config::ConfigPtr config) override {
    std::set<std::string> held;
    for (const auto& [name, channel] : config_->channels) {
      if (!closed_.contains(name)) held.insert(type_of(channel).listens(channel));
    }
    for (const auto& [name, channel] : config->channels) {
      const auto place = type_of(channel).listens(channel);
      if (place.empty() || held.contains(place)) continue;
      try {
        auto opened = type_of(channel).create(config, channel);
        opened->open();
        prepared_[name] = std::move(opened);
      } catch (const std::exception& error) {
        prepared_.clear();
        return fail(ErrorCode::unprocessable, error.what(), {{config::to_string(channel.place), error.what()}});
      }
    }
    return {};
  }

  void abandon() override { prepared_.clear(); }

  asio::awaitable<Result<>> reconfigure(config::ConfigPtr config) override {
    const auto before = std::move(config_);
    config_ = std::move(config);
    status_->reconfigure(config_);
    co_await remove_gone(*before);
    std::vector<const config::Channel*> to_start;  // after all stops: one may take over another one's place
    for (const auto& [name, channel] : config_->channels) {
      const auto found = channels_.find(name);
      const bool same_kind =
          found != channels_.end() && found->second->kind() == channel.kind() && !closed_.contains(name);
      if (same_kind && type_of(channel).update(*found->second, config_, channel)) continue;
      if (same_kind && is_same(before->channels, channel)) continue;
      if (found != channels_.end()) co_await stop_one(name);
      to_start.push_back(&channel);
    }
    std::string failures;
    for (const auto* channel : to_start) failures += start_one(*channel);
    prepared_.clear();
    if (!failures.empty()) co_return fail(ErrorCode::unavailable, failures);
    co_return Result<>();
  }

  Channel* find(const ChannelName& name) override {
    const auto found = channels_.find(name);
    return found == channels_.end() ? nullptr : found->second.get();
  }

  std::vector<const Channel*> all() const override {
    std::vector<const Channel*> list;
    list.reserve(channels_.size());
    for (const auto& [name, channel] : channels_) list.push_back(channel.get());
    return list;
  }

  asio::awaitable<routing::SendResult> send(routing::Outbound message) override {
    // Shared, since a reload may take the channel out of the map while it sends.
    const auto found = channels_.find(message.channel);
    if (found == channels_.end()) {
      co_return routing::SendResult{
          routing::SendResult::Kind::retry, {}, fmt::format("channel {} is not configured", message.channel.str())};
    }
    const auto channel = found->second;
    co_return co_await channel->send(std::move(message));
  }

 private:
  ChannelType& type_of(const config::Channel& channel) { return *types_[static_cast<std::size_t>(channel.kind())]; }

  asio::awaitable<void> remove_gone(const config::Config& before) {
    for (const auto& [name, channel] : before.channels) {
      if (!config_->channels.contains(name)) co_await stop_one(name);
    }
  }

  asio::awaitable<void> stop_one(ChannelName name) {
    const auto found = channels_.find(name);
    if (found == channels_.end()) co_return;
    const auto channel = found->second;
    co_await channel->stop();
    channels_.erase(name);
    if (closed_.erase(name) > 0) co_return;
    spdlog::info("channel.stopped channel={}", name.str());
  }

  /// What went wrong; empty when it runs.
  std::string start_one(const config::Channel& channel) {
    try {
      auto& ready = prepared_[channel.name];
      std::shared_ptr<Channel> built = ready ? std::move(ready) : type_of(channel).create(config_, channel);
      built->start();
      channels_[channel.name] = std::move(built);
      spdlog::info("channel.started channel={} kind={}", channel.name.str(), to_string(channel.kind()));
      return {};
    } catch (const std::exception& error) {
      spdlog::error("channel.start_failed channel={} error=\"{}\"", channel.name.str(), error.what());
      channels_[channel.name] = std::make_shared<ClosedChannel>(channel, error.what());
      closed_.insert(channel.name);
      return fmt::format("channel {}: {}. ", channel.name.str(), error.what());
    }
  }

  ChannelContext context_;
  config::ConfigPtr config_;
  std::array<std::unique_ptr<ChannelType>, kChannelKinds> types_;
  std::unique_ptr<status::StatusRoutes> status_;
  std::map<ChannelName, std::shared_ptr<Channel>> channels_;
  std::map<ChannelName, std::unique_ptr<Channel>> prepared_;  // opened for the configuration to come
  std::set<ChannelName> closed_;                              // of `channels_`: could not be started
};

}  // namespace

std::unique_ptr<Channels> create_channels(ChannelContext context, config::ConfigPtr config) {
  return std::make_unique<RunningChannels>(context, std::move(config));
}

}  // namespace peyk::channels
