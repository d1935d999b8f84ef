// A WebSocket over Beast's stream; included by websocket.cpp and websocket_client.cpp alone.
#pragma once

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <spdlog/spdlog.h>

#include "base/async/event.h"
#include "base/net/acknowledged.h"
#include "base/net/pace.h"
#include "base/net/websocket_peer.h"

namespace peyk::net {

namespace websocket = boost::beast::websocket;

/// What a failed read means to the reader.
Error read_error(const boost::system::error_code& error);

/// Kept small, since there are thousands: no compression, no write buffer, no coroutine but the reader's.
template <typename Next>
class BeastWebSocket final : public WebSocketPeer, public std::enable_shared_from_this<BeastWebSocket<Next>> {
 public:
  using Stream = websocket::stream<Next, false>;
  using Code = boost::system::error_code;
  using Time = std::chrono::steady_clock::time_point;

  BeastWebSocket(Next next, const WebSocketLimits& limits)
      : stream_(std::move(next)),
        queue_limit_(limits.queue_bytes),
        write_time_(limits.write_time),
        unsent_limit_(limits.unsent_bytes),
        all_unsent_(limits.unsent),
        closed_(stream_.get_executor()) {
    if (all_unsent_) unsent_.emplace(*all_unsent_, limits.network);
    stream_.read_message_max(limits.frame_bytes);
    stream_.auto_fragment(false);
    stream_.set_option(websocket::stream_base::timeout{kCloseTime, limits.silence, true});
  }

  Stream& stream() { return stream_; }

  /// After the handshake.
  void opened() { state_ = State::open; }

  asio::awaitable<Result<std::string>> read() override {
    const auto self = this->shared_from_this();
    if (state_ != State::open) co_return fail(ErrorCode::cancelled, "the WebSocket is closed");
    do {
      // Little room while nothing comes: a socket waits here for most of its life.
      const auto room = in_.size() == 0 ? kIdleRoom : kBusyRoom;
      const auto ended = co_await stream_.async_read_some(in_, room, asio::as_tuple(asio::use_awaitable));
      if (const auto& error = std::get<0>(ended); error) {
        finished();
        co_return std::unexpected(read_error(error));
      }
    } while (!stream_.is_message_done());
    if (!stream_.got_text()) {
      close(websocket::close_code::unknown_data, "text only");
      co_return fail(ErrorCode::invalid, "a binary message where text alone is spoken");
    }
    co_return take_message();
  }

  bool send(std::string text) override {
    if (state_ != State::open) return false;
    // The frame under way has no bound but its own: else whoever is to be told much once could never be told it.
    if (!queue_.empty() && queued_bytes_ - queue_.front().size() + text.size() > queue_limit_) {
      return cut_because("queue");
    }
    count(queued_bytes_ + text.size());
    if (unsent_ && unsent_->is_too_much(unsent_limit_)) return cut_because("share");
    queue_.push_back(std::move(text));
    if (queue_.size() > 1) return true;
    pace_.reset();
    write_next();
    return true;
  }

  void close(int code, std::string_view reason) override {
    if (state_ != State::open) return;
    state_ = State::closing;
    reason_ = websocket::close_reason(static_cast<websocket::close_code>(code),
                                      boost::beast::string_view(reason.data(), std::min(reason.size(), kReasonBytes)));
    if (queue_.empty()) write_close();
  }

  bool open() const override { return state_ == State::open; }

  void set_frame_limit(std::size_t bytes) override { stream_.read_message_max(bytes); }

  asio::awaitable<void> ended() override {
    const auto self = this->shared_from_this();
    if (state_ != State::closed) co_await closed_.wait(kCloseTime + std::chrono::seconds(1));
    cut();
  }

  void cut() override {
    Code ignored;
    boost::beast::get_lowest_layer(stream_).close(ignored);
    finished();
  }

  void check(Time now) override {
    if (queue_.empty() || state_ == State::closed) return;
    if (!pace_) {
      pace_.emplace(now);
      acknowledged_ = acknowledged();
    }
    // What the system took may be far from having been read: only what the peer acknowledged counts.
    const auto before = std::exchange(acknowledged_, acknowledged());
    if (acknowledged_ == 0) return;  // the system does not tell
    if (now >= pace_->pay(acknowledged_ - before, now) + write_time_) cut_because("slow");
  }

 private:
  enum class State : std::uint8_t { handshake, open, closing, closed };
  static constexpr auto kCloseTime = std::chrono::seconds(5);
  static constexpr std::size_t kReasonBytes = 120;  // a control frame has 125 bytes, two of them the code
  static constexpr std::size_t kIdleRoom = 256;
  static constexpr std::size_t kBusyRoom = std::size_t{64} << 10U;

  std::string peer() {
    Code ignored;
    const auto remote = boost::beast::get_lowest_layer(stream_).remote_endpoint(ignored);
    return ignored ? std::string("unknown") : remote.address().to_string();
  }

  /// False: what was to be sent is not.
  bool cut_because(std::string_view reason) {
    spdlog::warn("websocket.cut peer={} reason={} unsent_frames={} unsent_bytes={}", peer(), reason, queue_.size(),
                 queued_bytes_);
    cut();
    return false;
  }

  void count(std::size_t queued_bytes) {
    queued_bytes_ = queued_bytes;
    if (unsent_) unsent_->hold(queued_bytes);
  }

  std::uint64_t acknowledged() { return bytes_acknowledged(boost::beast::get_lowest_layer(stream_).native_handle()); }

  std::string take_message() {
    const auto data = in_.data();
    std::string text(static_cast<const char*>(data.data()), data.size());
    in_.consume(data.size());
    if (in_.capacity() > kIdleRoom) in_.shrink_to_fit();
    return text;
  }

  void write_next() {
    stream_.text(true);
    stream_.async_write(asio::buffer(queue_.front()),
                        [self = this->shared_from_this()](const Code& error, std::size_t) { self->written(error); });
  }

  void written(const Code& error) {
    const auto left = queued_bytes_ - queue_.front().size();
    queue_.pop_front();
    if (error || state_ == State::closed) queue_.clear();
    count(queue_.empty() ? 0 : left);
    if (error) return cut();
    if (!queue_.empty()) return write_next();
    if (state_ == State::closing) write_close();
  }

  void write_close() {
    stream_.async_close(reason_, [self = this->shared_from_this()](const Code&) { self->finished(); });
  }

  void finished() {
    if (state_ == State::closed) return;
    state_ = State::closed;
    closed_.notify();
  }

  Stream stream_;
  boost::beast::flat_buffer in_;
  std::list<std::string> queue_;  // the front one is being written
  std::size_t queued_bytes_ = 0;
  std::size_t queue_limit_;
  std::chrono::milliseconds write_time_;
  std::optional<Pace>
      pace_;  // of what the peer acknowledged since something was to be sent; none before the first look
  std::uint64_t acknowledged_ = 0;
  std::size_t unsent_limit_;
  std::shared_ptr<HeldBytes> all_unsent_;
  std::optional<HeldShare> unsent_;
  Event closed_;
  websocket::close_reason reason_;
  State state_ = State::handshake;
};

// By far the dearest template of the house to compile: websocket.cpp has it, and the client does not make it again.
extern template class BeastWebSocket<boost::asio::ip::tcp::socket>;

}  // namespace peyk::net
