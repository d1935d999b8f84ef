#include "channels/email/email_channel.h"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "channels/email/lmtp_listener.h"
#include "channels/email/mail_intake.h"
#include "channels/email/mail_sender.h"

namespace peyk::channels::email {
namespace {

class EmailChannel : public Channel {
 public:
  EmailChannel(const ChannelContext& context, config::ConfigPtr config, const config::Channel& channel)
      : channel_(channel), intake_(context, config, channel), sender_(context, config, channel, intake_.tokens()) {
    const auto& settings = *channel.email();
    if (!settings.lmtp) return;
    const auto host = settings.address.substr(settings.address.rfind('@') + 1);
    listener_ = create_lmtp_listener(
        context.executor, {to_string(settings.lmtp->listen), host, settings.limits.message_bytes},
        [this](std::string_view recipient) { return knows(recipient); },
        [this](LmtpEnvelope envelope, std::string bytes) {
          return intake_.deliver(std::move(envelope), std::move(bytes));
        });
  }

  const ChannelName& name() const override { return channel_.name; }
  routing::ChannelKind kind() const override { return routing::ChannelKind::email; }
  Capabilities capabilities() const override { return {true, false, true, channel_.email()->smtp.has_value()}; }

  void open() override {
    if (!listener_) return;
    try {
      listener_->open();
    } catch (const std::exception& error) {
      throw std::runtime_error(fmt::format("while opening channel {}, {}: {}", channel_.name.str(),
                                           config::to_string(channel_.place), error.what()));
    }
  }

  void start() override {
    open();
    if (listener_) listener_->start();
  }

  asio::awaitable<void> stop() override {
    if (listener_) co_await listener_->stop();
  }

  asio::awaitable<routing::SendResult> send(routing::Outbound message) override {
    co_return co_await sender_.send(std::move(message));
  }

  ChannelHealth health() const override { return sender_.health(); }

 private:
  /// A token that does not fit is refused at the door: it is mistyped or made up.
  bool knows(std::string_view recipient) const {
    const auto match = intake_.tokens().read(recipient).match;
    return match == ReplyTokens::Match::plain || match == ReplyTokens::Match::signed_token;
  }

  const config::Channel& channel_;
  MailIntake intake_;
  MailSender sender_;
  std::unique_ptr<LmtpListener> listener_;
};

class EmailType : public ChannelType {
 public:
  explicit EmailType(ChannelContext context) : context_(std::move(context)) {}

  std::unique_ptr<Channel> create(config::ConfigPtr config, const config::Channel& channel) override {
    return std::make_unique<EmailChannel>(context_, std::move(config), channel);
  }

  bool update(Channel&, config::ConfigPtr, const config::Channel&) override { return false; }

  std::string listens(const config::Channel& channel) const override {
    const auto& lmtp = channel.email()->lmtp;
    return lmtp ? to_string(lmtp->listen) : std::string();
  }

 private:
  ChannelContext context_;
};

}  // namespace

std::unique_ptr<ChannelType> create_email_type(const ChannelContext& context) {
  return std::make_unique<EmailType>(context);
}

}  // namespace peyk::channels::email
