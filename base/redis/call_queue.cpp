#include "base/redis/call_queue.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/redis/command.h"

namespace peyk::redis {

namespace {
using DeadlineHook = boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
}

class CallQueue::Call : public DeadlineHook {
 public:
  Call(TimePoint until, std::size_t replies, Done on_done)
      : deadline(until), expected(replies), done(std::move(on_done)) {}

  bool ended() const { return !done; }

  void end(Result<std::vector<Reply>> result) {
    if (ended()) return;
    unlink();
    std::exchange(done, nullptr)(std::move(result));
  }

  friend bool operator<(const Call& left, const Call& right) { return left.deadline < right.deadline; }

  TimePoint deadline;
  std::size_t expected;  // replies not yet come
  std::vector<Reply> replies;
  std::string unsent;  // its bytes while it is kept
  Done done;
};

CallQueue::CallQueue(Limits limits)
    : limits_(limits), parser_(limits.reply_bytes), deadlines_(std::make_unique<Deadlines>()) {}

CallQueue::~CallQueue() = default;

CallQueue::Handle CallQueue::submit(std::span<const std::vector<std::string>> commands, TimePoint deadline, Done done) {
  const auto call = std::make_shared<Call>(deadline, commands.size(), std::move(done));
  if (state_ == State::refused) {
    std::exchange(call->done, nullptr)(std::unexpected(refusal_));
    return call;
  }
  if (size() >= limits_.calls) {
    std::exchange(call->done, nullptr)(
        fail(ErrorCode::unavailable, fmt::format("{} calls to redis are under way already", size())));
    return call;
  }
  const bool is_open = state_ == State::open;
  for (const auto& command : commands) append_command(is_open ? output_ : call->unsent, command);
  // Most calls have the same time-out, so that the newest is mostly the last to end: the hint makes that case cheap.
  deadlines_->insert(deadlines_->end(), *call);
  (is_open ? sent_ : kept_).push_back(call);
  return call;
}

void CallQueue::abandon(const Handle& handle, Error error) {
  if (const auto call = handle.lock()) call->end(std::unexpected(std::move(error)));
}

void CallQueue::take_output(std::string& into) {
  into.clear();
  std::swap(into, output_);
}

Result<> CallQueue::received(std::string_view bytes, TimePoint now) {
  last_received_ = now;
  parser_.feed(bytes);
  for (;;) {
    auto reply = parser_.next();
    if (!reply) return std::unexpected(std::move(reply.error()));
    if (!*reply) return {};
    auto taken = take_reply(std::move(**reply));
    if (!taken) return taken;
  }
}

Result<> CallQueue::take_reply(Reply reply) {
  if (sent_.empty()) return fail(ErrorCode::invalid, "the peer sent a reply that nobody asked for");
  const auto call = sent_.front();
  if (!call->ended()) call->replies.push_back(std::move(reply));
  if (--call->expected > 0) return {};
  sent_.pop_front();
  call->end(std::move(call->replies));
  return {};
}

void CallQueue::expire(TimePoint now) {
  while (!deadlines_->empty() && deadlines_->begin()->deadline <= now) {
    deadlines_->begin()->end(fail(ErrorCode::timeout, "redis did not answer in time; the command may yet run"));
  }
  std::erase_if(kept_, [](const auto& call) { return call->ended(); });
}

CallQueue::TimePoint CallQueue::frozen_at() const {
  return std::max(last_received_, sent_.front()->deadline) + limits_.patience;
}

bool CallQueue::frozen(TimePoint now) const {
  return !sent_.empty() && frozen_at() <= now;
}

std::optional<CallQueue::TimePoint> CallQueue::next_wakeup() const {
  std::optional<TimePoint> next;
  if (!deadlines_->empty()) next = deadlines_->begin()->deadline;
  if (!sent_.empty()) next = next ? std::min(*next, frozen_at()) : frozen_at();
  return next;
}

void CallQueue::open() {
  state_ = State::open;
  parser_ = ReplyParser(limits_.reply_bytes);
  output_.clear();
  for (auto& call : std::exchange(kept_, {})) {
    if (call->ended()) continue;
    output_ += std::exchange(call->unsent, {});
    sent_.push_back(std::move(call));
  }
}

void CallQueue::lost(const Error& why) {
  state_ = State::waiting;
  output_.clear();
  for (const auto& call : std::exchange(sent_, {})) call->end(std::unexpected(why));
}

void CallQueue::refuse(const Error& why) {
  lost(why);
  state_ = State::refused;
  refusal_ = why;
  for (const auto& call : std::exchange(kept_, {})) call->end(std::unexpected(why));
}

}  // namespace peyk::redis
