#include "channels/email/lmtp_listener.h"

#include <set>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "base/net/line_stream.h"

namespace peyk::channels::email {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// RFC 5321, 4.5.3.2, shortened: the peer is the site's own mail server.
constexpr auto kCommandTime = minutes(5);
constexpr auto kDataTime = minutes(3);
constexpr auto kWriteTime = minutes(1);
// For a mail that is being taken in while the listener stops.
constexpr auto kPatience = seconds(5);
constexpr std::size_t kLongestCommand = 4096;

std::string verdict_of(const Result<std::string>& stored) {
  if (stored) return fmt::format("250 2.0.0 stored as {}", *stored);
  switch (stored.error().code) {
    case ErrorCode::unavailable:
    case ErrorCode::timeout:
    case ErrorCode::cancelled:
    case ErrorCode::stale:
    case ErrorCode::throttled: return "451 4.3.0 cannot store it now, try again";
    case ErrorCode::too_large: return "552 5.3.4 " + stored.error().message;
    case ErrorCode::internal: return "451 4.3.5 internal error, try again";
    default: return "554 5.6.0 " + stored.error().message;
  }
}

/// A mail's part of the bytes that all of them may have; given back with it.
class Share {
 public:
  explicit Share(std::size_t& total) : total_(total) {}
  ~Share() { hold(0); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  void hold(std::size_t bytes) { total_ = total_ - std::exchange(held_, bytes) + bytes; }
  bool alone() const { return total_ == held_; }

 private:
  std::size_t& total_;
  std::size_t held_ = 0;
};

class Listener : public LmtpListener {
 public:
  Listener(asio::any_io_executor executor, LmtpOptions options, KnowsRecipient knows_recipient, DeliverMail deliver)
      : options_(std::move(options)),
        knows_recipient_(std::move(knows_recipient)),
        deliver_(std::move(deliver)),
        listener_(net::create_line_listener(executor, options_.listen)),
        tasks_(executor, "lmtp"),
        ended_(executor) {}

  void open() override {
    if (open_) return;
    listener_->start();
    open_ = true;
  }

  void start() override {
    open();
    tasks_.spawn("lmtp accept", accept());
  }

  asio::awaitable<void> stop() override {
    stopping_ = true;
    listener_->close();
    // A session that waits for a command has nothing under way; one inside a mail ends after its replies.
    for (auto* stream : idle_) stream->close();
    co_await with_deadline(kPatience, joined());
    co_await tasks_.stop();
  }

  std::uint16_t port() const override { return listener_->port(); }

 private:
  asio::awaitable<Result<>> joined() {
    co_await tasks_.join();
    co_return Result<>();
  }

  asio::awaitable<void> accept() {
    while (!stopping_) {
      while (sessions_ >= options_.sessions && !stopping_) co_await ended_.wait();
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      ++sessions_;
      tasks_.spawn("lmtp session", session(std::move(*stream)));
    }
  }

  asio::awaitable<void> session(std::unique_ptr<net::LineStream> stream) {
    try {
      co_await talk(*stream);
    } catch (const std::exception& error) {
      spdlog::error("lmtp.session_failed peer={} error=\"{}\"", stream->peer(), error.what());
    }
    idle_.erase(stream.get());
    stream->close();
    --sessions_;
    ended_.notify();
  }

  asio::awaitable<void> talk(net::LineStream& stream) {
    LmtpDialogue dialogue(options_.host, options_.message_limit, knows_recipient_);
    auto step = dialogue.greeting();
    while (true) {
      if (!step.reply.empty()) {
        const auto written = co_await stream.write(step.reply, kWriteTime);
        if (!written) co_return;
      }
      if (step.next == LmtpDialogue::Next::close) co_return;
      if (step.next == LmtpDialogue::Next::read_data) {
        const bool whole = co_await take_mail(stream, dialogue, step);
        if (!whole) co_return;
        continue;
      }
      if (stopping_) co_return;
      idle_.insert(&stream);
      const auto line = co_await stream.read_line(kLongestCommand, kCommandTime);
      idle_.erase(&stream);
      if (!line && line.error().code != ErrorCode::too_large) co_return;
      step = line ? dialogue.on_line(*line) : dialogue.on_long_line();
    }
  }

  /// From DATA to the replies; false when the mail does not come to its end.
  asio::awaitable<bool> take_mail(net::LineStream& stream, LmtpDialogue& dialogue, LmtpDialogue::Step& step) {
    MailData data(options_.message_limit);
    Share share(bytes_);
    bool crowded = false;
    while (!data.ended()) {
      const auto bytes = co_await stream.read_some(kDataTime);
      if (!bytes) co_return false;
      const auto taken = data.feed(*bytes);
      stream.unread(std::string_view(*bytes).substr(taken));
      share.hold(data.size());
      if (bytes_ <= options_.mails_bytes || share.alone()) continue;
      crowded = true;
      data.reject();
      share.hold(0);
    }
    if (crowded) {
      spdlog::warn("lmtp.crowded peer={} limit_bytes={}", stream.peer(), options_.mails_bytes);
      step = dialogue.on_data("452 4.3.1 too much mail is coming in, try again");
    } else if (data.too_large()) {
      step = dialogue.on_data(fmt::format("552 5.3.4 larger than {} bytes", options_.message_limit));
    } else {
      step = co_await deliver(dialogue, data.take());
    }
    co_return true;
  }

  asio::awaitable<LmtpDialogue::Step> deliver(LmtpDialogue& dialogue, std::string bytes) {
    const auto delivered = co_await deliver_(dialogue.envelope(), std::move(bytes));
    std::vector<std::string> verdicts;
    for (const auto& stored : delivered) {
      verdicts.push_back(verdict_of(stored));
      if (stored) continue;
      spdlog::warn("mail.not_stored code={} error=\"{}\"", to_string(stored.error().code), stored.error().message);
    }
    co_return dialogue.on_data(verdicts);
  }

  LmtpOptions options_;
  KnowsRecipient knows_recipient_;
  DeliverMail deliver_;
  std::unique_ptr<net::LineListener> listener_;
  TaskGroup tasks_;
  Event ended_;
  std::set<net::LineStream*> idle_;
  std::size_t sessions_ = 0;
  std::size_t bytes_ = 0;  // of mails being taken in
  bool open_ = false;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<LmtpListener> create_lmtp_listener(asio::any_io_executor executor, LmtpOptions options,
                                                   KnowsRecipient knows_recipient, DeliverMail deliver) {
  return std::make_unique<Listener>(std::move(executor), std::move(options), std::move(knows_recipient),
                                    std::move(deliver));
}

}  // namespace peyk::channels::email
