#include "channels/form/form_type.h"

#include "channels/form/form_routes.h"

namespace peyk::channels::form {
namespace {

constexpr std::chrono::seconds kPatience{5};  // for requests under way when a form stops

class FormChannel : public Channel {
 public:
  FormChannel(FormRoutes& routes, asio::any_io_executor executor, config::ConfigPtr config,
              const config::Channel& channel)
      : routes_(routes),
        name_(channel.name),
        live_(std::make_shared<LiveForm>(std::move(executor), std::move(config), channel)) {}

  const ChannelName& name() const override { return name_; }
  routing::ChannelKind kind() const override { return routing::ChannelKind::form; }
  Capabilities capabilities() const override {
    return {.threads = false, .typing = false, .attachments = true, .sends = false};
  }
  void start() override { routes_.add(live_); }

  asio::awaitable<void> stop() override {
    routes_.remove(name_);
    if (live_->under_way > 0) co_await live_->idle.wait(kPatience);
  }

  asio::awaitable<routing::SendResult> send(routing::Outbound) override {
    co_return routing::SendResult{.kind = routing::SendResult::Kind::failed,
                                  .external_id = {},
                                  .detail = "a form sends nothing: its answers go through reply_via"};
  }
  ChannelHealth health() const override { return {}; }

  /// New settings for the requests to come.
  void replace(std::shared_ptr<LiveForm> live) {
    live_ = std::move(live);
    routes_.add(live_);
  }

 private:
  FormRoutes& routes_;
  ChannelName name_;
  std::shared_ptr<LiveForm> live_;
};

class FormType : public ChannelType {
 public:
  explicit FormType(const ChannelContext& context) : executor_(context.executor), routes_(context) {}

  std::unique_ptr<Channel> create(config::ConfigPtr config, const config::Channel& channel) override {
    return std::make_unique<FormChannel>(routes_, executor_, std::move(config), channel);
  }

  bool update(Channel& running, config::ConfigPtr config, const config::Channel& channel) override {
    static_cast<FormChannel&>(running).replace(std::make_shared<LiveForm>(executor_, std::move(config), channel));
    return true;
  }

 private:
  asio::any_io_executor executor_;
  FormRoutes routes_;
};

}  // namespace

std::unique_ptr<ChannelType> create_form_type(const ChannelContext& context) {
  return std::make_unique<FormType>(context);
}

}  // namespace peyk::channels::form
