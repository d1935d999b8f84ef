// The calls of one client and the pipeline they travel in: a state machine without I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/intrusive/set.hpp>

#include "base/error.h"
#include "base/redis/client.h"
#include "base/redis/reply_parser.h"

namespace peyk::redis {

/// Commands come in with `submit`, bytes go out by `take_output`, bytes come in with `received`, and each call ends by
/// exactly one call of its `Done`: with its replies, or with an error by `abandon`, `expire`, `lost` or `refuse`.
/// The place of a call that ended early is kept until its replies have come, so that they reach nobody else.
/// `Done` must not call back into the queue: it posts.
class CallQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Done = std::move_only_function<void(Result<std::vector<Reply>>)>;

  struct Limits {
    std::size_t calls = 20'000;
    std::size_t reply_bytes = std::size_t{64} << 20U;
    std::chrono::milliseconds patience{2000};  // with a server that owes an overdue reply and sends nothing
  };

  enum class State : std::uint8_t {
    waiting,  // not connected, an attempt is under way: calls are kept
    open,     // connected: calls go out
    refused,  // not connected, and the last attempt failed: calls fail at once
  };

  class Call;
  using Handle = std::weak_ptr<Call>;

  explicit CallQueue(Limits limits);
  ~CallQueue();
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  /// Takes the call, or ends it at once by `done` when it is refused or there are too many.
  Handle submit(std::span<const std::vector<std::string>> commands, TimePoint deadline, Done done);

  /// Ends the call with `error`; without effect when it has ended.
  static void abandon(const Handle& call, Error error);

  /// Swaps what is to be written into `into`, whose own content is dropped.
  void take_output(std::string& into);
  bool has_output() const { return !output_.empty(); }

  /// Ends the calls whose replies are whole now. An error means that the connection is of no more use.
  Result<> received(std::string_view bytes, TimePoint now);

  /// Ends the calls whose deadline has passed, with `timeout`.
  void expire(TimePoint now);

  /// Whether an overdue reply is owed and nothing at all has come for longer than the patience.
  bool frozen(TimePoint now) const;

  /// When `expire` or `frozen` have something to say next.
  std::optional<TimePoint> next_wakeup() const;

  /// A new connection is ready: kept calls go out. Bytes of an old one are forgotten.
  void open();
  /// The connection is lost: calls that went out fail; new ones are kept for the attempt that follows.
  void lost(const Error& why);
  /// An attempt failed: kept calls fail, and all that come before the next `open`.
  void refuse(const Error& why);

  State state() const { return state_; }
  std::size_t size() const { return sent_.size() + kept_.size(); }

 private:
  using Deadlines = boost::intrusive::multiset<Call, boost::intrusive::constant_time_size<false>>;

  Result<> take_reply(Reply reply);
  TimePoint frozen_at() const;

  Limits limits_;
  State state_ = State::waiting;
  Error refusal_;
  ReplyParser parser_;
  std::string output_;
  TimePoint last_received_{};
  // Declared before the calls, which unlink themselves from it.
  std::unique_ptr<Deadlines> deadlines_;
  std::deque<std::shared_ptr<Call>> sent_;
  std::deque<std::shared_ptr<Call>> kept_;
};

}  // namespace peyk::redis
