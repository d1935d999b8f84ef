// A connection of its own for SUBSCRIBE.
#include <algorithm>
#include <utility>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/backoff.h"
#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "base/random.h"
#include "base/redis/client.h"
#include "base/redis/command.h"
#include "base/redis/handshake.h"
#include "base/redis/reply_parser.h"

namespace peyk::redis {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstRetry{50};
constexpr std::chrono::milliseconds kLongestRetry{1000};
constexpr std::chrono::seconds kStable{1};
constexpr std::size_t kReadBytes = std::size_t{16} << 10U;

class PubSubSubscriber : public Subscriber {
 public:
  PubSubSubscriber(asio::any_io_executor executor, ClientOptions options)
      : options_(std::move(options)),
        backoff_(kFirstRetry, kLongestRetry, system_random()),
        tasks_(std::move(executor), "redis.subscriber") {}

  void start(std::vector<std::string> channels, std::function<void(std::string_view, std::string_view)> on_message,
             std::function<void()> on_gap) override {
    channels_ = std::move(channels);
    on_message_ = std::move(on_message);
    on_gap_ = std::move(on_gap);
    tasks_.spawn("connection", run());
    tasks_.spawn("silence", watch_silence());
  }

  asio::awaitable<void> stop() override {
    co_await tasks_.stop();
    transport_.reset();
  }

 private:
  asio::awaitable<void> run() {
    for (;;) {
      const auto opening = SteadyClock::now();
      auto ended = co_await subscribe_and_read();
      transport_.reset();
      const auto state = co_await asio::this_coro::cancellation_state;  // a stop is no loss
      if (state.cancelled() != asio::cancellation_type::none) co_return;
      const auto& why = ended.error().message;
      if (why != last_error_) spdlog::warn("redis.subscription_lost error=\"{}\"", why);
      last_error_ = why;
      const bool was_stable = SteadyClock::now() - opening > kStable + options_.timeout;
      if (was_stable) backoff_.reset();
      co_await sleep_for(backoff_.next());
    }
  }

  /// Ends with an error always.
  asio::awaitable<Result<>> subscribe_and_read() {
    auto opened = co_await open_connection(options_, {});
    if (!opened) co_return std::unexpected(std::move(opened.error()));
    const std::shared_ptr<Transport> transport = std::move(*opened);
    Command command{"SUBSCRIBE"};
    command.insert(command.end(), channels_.begin(), channels_.end());
    std::string output;
    append_command(output, command);
    auto written = co_await transport->write(output);
    if (!written) co_return written;
    last_heard_ = SteadyClock::now();
    pending_ = channels_.size();
    transport_ = transport;
    ReplyParser parser(options_.reply_limit_bytes);
    std::vector<char> buffer(kReadBytes);
    for (;;) {
      const auto size = co_await transport->read_some(buffer);
      if (!size) co_return std::unexpected(size.error());
      last_heard_ = SteadyClock::now();
      auto taken = take({buffer.data(), *size}, parser);
      if (!taken) co_return taken;
    }
  }

  Result<> take(std::string_view bytes, ReplyParser& parser) {
    parser.feed(bytes);
    for (;;) {
      auto reply = parser.next();
      if (!reply) return std::unexpected(std::move(reply.error()));
      if (!*reply) return {};
      auto taken = take_reply(**reply);
      if (!taken) return taken;
    }
  }

  Result<> take_reply(const Reply& reply) {
    // Answers to the PING of watch_silence() say only that the server lives, refusals (NOPERM) included.
    if (reply.is_error() && pending_ == 0) return {};
    if (reply.is_error()) return std::unexpected(error_from_reply(reply.text));
    if (reply.items.size() != 3) return {};
    const auto& kind = reply.items[0].text;
    if (kind == "message") on_message_(reply.items[1].text, reply.items[2].text);
    if (kind != "subscribe" || pending_ == 0 || --pending_ > 0) return {};
    last_error_.clear();
    spdlog::info("redis.subscribed server=\"{}\" channels={}", describe(options_.endpoint), channels_.size());
    on_gap_();
    return {};
  }

  /// A peer that vanished without a word is noticed by its silence after a PING.
  asio::awaitable<void> watch_silence() {
    std::string ping;
    append_command(ping, Command{"PING"});
    for (;;) {
      co_await sleep_for(options_.timeout);
      const auto transport = transport_;
      if (!transport) continue;
      const auto silence = SteadyClock::now() - last_heard_;
      if (silence > 3 * options_.timeout) transport->close();
      if (silence <= options_.timeout || silence > 3 * options_.timeout) continue;
      // A frozen peer's socket may be full: its silence, noticed by the next round, ends this write too.
      auto written = co_await with_deadline(options_.timeout, transport->write(ping));
      if (!written) transport->close();
    }
  }

  ClientOptions options_;
  std::vector<std::string> channels_;
  std::function<void(std::string_view, std::string_view)> on_message_;
  std::function<void()> on_gap_;
  std::shared_ptr<Transport> transport_;
  SteadyClock::time_point last_heard_;
  std::size_t pending_ = 0;  // channels whose subscription is not yet confirmed
  std::string last_error_;
  Backoff backoff_;
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<Subscriber> create_subscriber(asio::any_io_executor executor, ClientOptions options) {
  return std::make_unique<PubSubSubscriber>(std::move(executor), std::move(options));
}

}  // namespace peyk::redis
