#include "base/redis/client.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/backoff.h"
#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "base/random.h"
#include "base/redis/call_queue.h"
#include "base/redis/command.h"
#include "base/redis/handshake.h"

namespace peyk::redis {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Replies = Result<std::vector<Reply>>;

constexpr std::chrono::milliseconds kFirstRetry{50};
constexpr std::chrono::milliseconds kLongestRetry{1000};
constexpr std::chrono::seconds kStable{1};  // a connection that lasted so long is replaced at once when lost
constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
constexpr std::size_t kKeptOutputBytes = std::size_t{1} << 20U;

/// One connection while it lives; shared by the reading and the writing task.
struct Connection {
  Connection(const asio::any_io_executor& executor, std::unique_ptr<Transport> opened)
      : transport(std::move(opened)), output_ready(executor) {}

  void close() {
    closed = true;
    transport->close();
    output_ready.notify();
  }

  std::unique_ptr<Transport> transport;
  Event output_ready;
  bool closed = false;
  std::string reason;  // why we closed it ourselves
};

bool is_unknown(std::string_view error) {
  return error.starts_with("NOSCRIPT") || error.find("Function not found") != std::string_view::npos;
}

Result<Reply> only_reply(Replies replies) {
  if (!replies) return std::unexpected(std::move(replies.error()));
  auto& reply = replies->front();
  if (reply.is_error()) return std::unexpected(error_from_reply(reply.text));
  return std::move(reply);
}

class PipelinedClient : public Client {
 public:
  PipelinedClient(asio::any_io_executor executor, ClientOptions options)
      : executor_(executor),
        options_(std::move(options)),
        queue_({options_.pipeline_limit, options_.reply_limit_bytes, options_.timeout}),
        alarm_(executor),
        state_changed_(executor),
        backoff_(kFirstRetry, kLongestRetry, system_random()),
        tasks_(executor, "redis") {
    down("the client is not started", ErrorCode::unavailable);
  }

  void start(std::vector<Script> scripts) override {
    scripts_ = std::move(scripts);
    queue_.lost(Error{});  // nothing is under way; from here calls wait for the first attempt
    tasks_.spawn("connection", run());
    tasks_.spawn("deadlines", watch_deadlines());
  }

  asio::awaitable<void> stop() override {
    stopped_ = true;
    down("the client has been stopped", ErrorCode::cancelled);
    co_await tasks_.stop();
    connection_.reset();
  }

  asio::awaitable<Result<Reply>> call(Command command) override { return call(std::move(command), options_.timeout); }

  asio::awaitable<Result<Reply>> call(Command command, std::chrono::milliseconds limit) override {
    auto replies = co_await submit({&command, 1}, SteadyClock::now() + limit);
    co_return only_reply(std::move(replies));
  }

  asio::awaitable<Result<Reply>> eval(const Script& script, std::vector<std::string> keys,
                                      std::vector<std::string> arguments) override {
    Command command = script.library ? Command{"FCALL", script.function, std::to_string(keys.size())}
                                     : Command{"EVALSHA", script.sha1, std::to_string(keys.size())};
    command.reserve(command.size() + keys.size() + arguments.size());
    std::ranges::move(keys, std::back_inserter(command));
    std::ranges::move(arguments, std::back_inserter(command));
    const auto deadline = SteadyClock::now() + options_.timeout;
    auto replies = co_await submit({&command, 1}, deadline);
    if (replies && replies->front().is_error() && is_unknown(replies->front().text)) {
      std::vector<Command> again;
      if (script.library) {
        again.push_back({"FUNCTION", "LOAD", *script.library});
      } else {
        command[0] = "EVAL";
        command[1] = script.text;
      }
      again.push_back(std::move(command));
      replies = co_await submit(again, deadline);
      if (replies) replies->erase(replies->begin(), replies->end() - 1);
    }
    auto reply = only_reply(std::move(replies));
    if (!reply) reply.error().message = fmt::format("script {}: {}", script.name, reply.error().message);
    co_return std::move(reply);
  }

  asio::awaitable<Replies> pipeline(std::vector<Command> commands) override {
    if (commands.empty()) co_return std::vector<Reply>();
    auto replies = co_await submit(commands, SteadyClock::now() + options_.timeout);
    co_return std::move(replies);
  }

  bool connected() const override { return queue_.state() == CallQueue::State::open; }
  std::string last_error() const override { return last_error_; }

  asio::awaitable<bool> wait_connected(std::chrono::milliseconds limit) override {
    const auto deadline = SteadyClock::now() + limit;
    while (!connected() && SteadyClock::now() < deadline) {
      co_await state_changed_.wait(deadline - SteadyClock::now());
    }
    co_return connected();
  }

  void on_connected(std::function<void()> callback) override { on_connected_.push_back(std::move(callback)); }
  void on_disconnected(std::function<void()> callback) override { on_disconnected_.push_back(std::move(callback)); }

 private:
  /// Suspends until the replies are there; `commands` must live so long.
  asio::awaitable<Replies> submit(std::span<const Command> commands, SteadyClock::time_point deadline) {
    auto initiate = [this, commands, deadline](auto handler) {
      const auto slot = asio::get_associated_cancellation_slot(handler);
      auto executor = asio::get_associated_executor(handler, executor_);
      auto done = [executor = std::move(executor), handler = std::move(handler)](Replies replies) mutable {
        asio::post(executor, [handler = std::move(handler), replies = std::move(replies)]() mutable {
          std::move(handler)(std::move(replies));
        });
      };
      const auto call = queue_.submit(commands, deadline, std::move(done));
      if (slot.is_connected()) {
        asio::cancellation_slot(slot).assign([call](asio::cancellation_type) {
          CallQueue::abandon(call, {ErrorCode::cancelled, "the call to redis was cancelled", {}, {}});
        });
      }
      if (deadline < alarm_at_) set_alarm(deadline);
      if (connection_ && queue_.has_output()) connection_->output_ready.notify();
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Replies)>(initiate, asio::use_awaitable);
  }

  asio::awaitable<void> run() {
    for (;;) {
      const auto opening = SteadyClock::now();
      auto opened = co_await open_connection(options_, scripts_);
      if (stopped_) co_return;
      if (opened) {
        co_await serve(std::move(*opened));
      } else {
        attempt_failed(opened.error());
      }
      const bool was_stable = opened && SteadyClock::now() - opening > kStable;
      if (was_stable) backoff_.reset();
      if (!was_stable) co_await sleep_for(backoff_.next());
    }
  }

  void attempt_failed(const Error& error) {
    // Once a reason, not once an attempt: a server may be down for hours.
    if (error.message != last_error_) spdlog::warn("redis.connect_failed error=\"{}\"", error.message);
    down(error.message, ErrorCode::unavailable);
  }

  void down(std::string reason, ErrorCode code) {
    last_error_ = std::move(reason);
    queue_.refuse({code, last_error_, {}, {}});
    state_changed_.notify();
  }

  /// Until the connection is lost.
  asio::awaitable<void> serve(std::unique_ptr<Transport> transport) {
    const auto connection = std::make_shared<Connection>(executor_, std::move(transport));
    connection_ = connection;
    last_error_.clear();
    queue_.open();
    tasks_.spawn("writer", write_output(connection));
    spdlog::info("redis.connected server=\"{}\"", describe(options_.endpoint));
    state_changed_.notify();
    for (const auto& callback : on_connected_) callback();
    const auto end = co_await read_replies(connection);
    connection->close();
    connection_.reset();
    if (stopped_) co_return;
    last_error_ = connection->reason.empty() ? end.error().message : connection->reason;
    queue_.lost({ErrorCode::unavailable, last_error_ + "; the command may have run", {}, {}});
    spdlog::warn("redis.lost error=\"{}\"", last_error_);
    state_changed_.notify();
    for (const auto& callback : on_disconnected_) callback();
  }

  /// Ends with an error always.
  asio::awaitable<Result<>> read_replies(std::shared_ptr<Connection> connection) {
    std::vector<char> buffer(kReadBytes);
    for (;;) {
      const auto size = co_await connection->transport->read_some(buffer);
      if (!size) co_return std::unexpected(size.error());
      const auto now = SteadyClock::now();
      auto taken = queue_.received({buffer.data(), *size}, now);
      if (!taken) co_return taken;
    }
  }

  asio::awaitable<void> write_output(std::shared_ptr<Connection> connection) {
    std::string output;
    while (!connection->closed) {
      if (!queue_.has_output()) {
        co_await connection->output_ready.wait();
        continue;
      }
      queue_.take_output(output);
      const auto written = co_await connection->transport->write(output);
      if (!written) {
        connection->reason = written.error().message;
        connection->close();
      }
      if (output.capacity() > kKeptOutputBytes) output = {};
    }
  }

  void set_alarm(SteadyClock::time_point at) {
    alarm_at_ = at;
    alarm_.expires_at(at);
  }

  /// One timer for all calls: it is set to the first of their deadlines.
  asio::awaitable<void> watch_deadlines() {
    for (;;) {
      set_alarm(queue_.next_wakeup().value_or(SteadyClock::time_point::max()));
      co_await alarm_.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto now = SteadyClock::now();
      queue_.expire(now);
      if (connection_ && queue_.frozen(now)) {
        connection_->reason = fmt::format("{} is frozen: no answer for too long", describe(options_.endpoint));
        connection_->close();
      }
    }
  }

  asio::any_io_executor executor_;
  ClientOptions options_;
  CallQueue queue_;
  std::vector<Script> scripts_;
  std::shared_ptr<Connection> connection_;
  asio::steady_timer alarm_;
  SteadyClock::time_point alarm_at_ = SteadyClock::time_point::max();
  Event state_changed_;
  Backoff backoff_;
  std::string last_error_;
  bool stopped_ = false;
  std::vector<std::function<void()>> on_connected_;
  std::vector<std::function<void()>> on_disconnected_;
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<Client> create_client(asio::any_io_executor executor, ClientOptions options) {
  return std::make_unique<PipelinedClient>(std::move(executor), std::move(options));
}

}  // namespace peyk::redis
