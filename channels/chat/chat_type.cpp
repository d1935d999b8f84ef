#include "channels/chat/chat_type.h"

#include "channels/chat/chat_routes.h"

namespace peyk::channels::chat {
namespace {

constexpr std::chrono::seconds kPatience{5};  // for sockets to end when a chat stops

class ChatChannel : public Channel {
 public:
  ChatChannel(ChatHouse& house, config::ConfigPtr config, const config::Channel& channel)
      : house_(house), name_(channel.name), chat_(std::make_shared<OpenChat>(std::move(config), channel)) {}

  const ChannelName& name() const override { return name_; }
  routing::ChannelKind kind() const override { return routing::ChannelKind::chat; }
  Capabilities capabilities() const override {
    return {.threads = true, .typing = true, .attachments = true, .sends = false};
  }

  void start() override {
    if (!house_.follower.running()) house_.follower.start();
    house_.lobby.open(chat_);
  }

  asio::awaitable<void> stop() override {
    co_await house_.lobby.close(name_, kPatience);
    if (house_.lobby.empty() && house_.follower.running()) co_await house_.follower.stop();
  }

  asio::awaitable<routing::SendResult> send(routing::Outbound) override {
    co_return routing::SendResult{
        routing::SendResult::Kind::failed, {}, "a chat sends nothing: visitors' sockets are told what is stored"};
  }
  ChannelHealth health() const override { return {}; }

  void replace(config::ConfigPtr config, const config::Channel& channel) {
    chat_ = std::make_shared<OpenChat>(std::move(config), channel);
    house_.lobby.open(chat_);
  }

 private:
  ChatHouse& house_;
  ChannelName name_;
  std::shared_ptr<OpenChat> chat_;
};

class ChatType : public ChannelType {
 public:
  explicit ChatType(const ChannelContext& context) : house_(context) { register_chat_routes(house_); }

  std::unique_ptr<Channel> create(config::ConfigPtr config, const config::Channel& channel) override {
    return std::make_unique<ChatChannel>(house_, std::move(config), channel);
  }

  bool update(Channel& running, config::ConfigPtr config, const config::Channel& channel) override {
    static_cast<ChatChannel&>(running).replace(std::move(config), channel);
    return true;
  }

 private:
  ChatHouse house_;
};

}  // namespace

std::unique_ptr<ChannelType> create_chat_type(const ChannelContext& context) {
  return std::make_unique<ChatType>(context);
}

}  // namespace peyk::channels::chat
