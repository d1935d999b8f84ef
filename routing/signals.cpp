#include <utility>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "base/async/task_group.h"
#include "routing/event_feed.h"
#include "routing/listeners.h"
#include "routing/store/replies.h"
#include "routing/store/writer.h"

namespace peyk::routing {
namespace {

constexpr std::size_t kUnderWay = 1000;  // notices being sent; more are dropped: each is true for a moment only

std::string write_signal(const Signal& signal) {
  store::ObjectWriter object;
  object.text("type", signal.type).text("conversation", signal.conversation).text("by", signal.by);
  object.text("message", signal.message).flag("from_customer", signal.from_customer);
  return object.take();
}

class RedisSignals : public Signals {
 public:
  RedisSignals(asio::any_io_executor executor, redis::ClientOptions options, redis::Client& client, std::string desk)
      : channel_(fmt::format("peyk:{{{}}}:signals", desk)),
        client_(client),
        subscriber_(redis::create_subscriber(executor, std::move(options))),
        tasks_(std::move(executor), "signals") {}

  void start() override {
    subscriber_->start({channel_}, [this](std::string_view, std::string_view payload) { take(payload); }, [] {});
  }

  asio::awaitable<void> stop() override {
    co_await tasks_.stop();
    co_await subscriber_->stop();
  }

  void send(Signal signal) override {
    if (tasks_.size() < kUnderWay) tasks_.spawn("publish", publish(write_signal(signal)));
  }

  std::unique_ptr<EventFeed::Subscription> listen(Listener listener) override {
    return listeners_.add(std::move(listener));
  }

 private:
  asio::awaitable<void> publish(std::string payload) {
    co_await client_.call({"PUBLISH", channel_, std::move(payload)});  // best effort: a failure is a notice lost
  }

  void take(std::string_view payload) {
    boost::system::error_code error;
    const auto value = boost::json::parse(payload, error);
    if (error || !value.is_object()) return;
    const auto& object = value.get_object();
    Signal signal;
    signal.type = store::text(object, "type");
    signal.conversation = ConversationId(store::text(object, "conversation"));
    signal.from_customer = store::flag(object, "from_customer");
    signal.by = store::text(object, "by");
    signal.message = store::text(object, "message");
    listeners_.call(signal);
  }

  std::string channel_;
  redis::Client& client_;
  std::unique_ptr<redis::Subscriber> subscriber_;
  TaskGroup tasks_;
  Listeners<const Signal&> listeners_;
};

}  // namespace

std::unique_ptr<Signals> create_signals(asio::any_io_executor executor, redis::ClientOptions options,
                                        redis::Client& client, std::string desk) {
  return std::make_unique<RedisSignals>(std::move(executor), std::move(options), client, std::move(desk));
}

}  // namespace peyk::routing
