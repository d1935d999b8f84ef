#include "channels/status/next_step.h"

#include "channels/pages/moment.h"

namespace peyk::channels::status {
namespace {

using routing::State;

/// Collects the lines for one conversation.
class Teller {
 public:
  Teller(const routing::StatusView& view, const Opening& opening, const pages::Catalogue& words,
         const std::string& timezone, Time now)
      : view_(view), opening_(opening), words_(words), timezone_(timezone), now_(now) {}

  NextStep tell() {
    switch (view_.conversation.state) {
      case State::waiting: return waiting();
      case State::offered: say(std::string(words_.next.answer_soon)); return promised();
      case State::active: say_agent(); return promised();
      case State::pending: return pending();
      case State::snoozed: return snoozed();
      case State::resolved: say(std::string(words_.next.resolved)); return end("nobody", std::nullopt);
      case State::closed: say(std::string(words_.next.closed)); return end("nobody", std::nullopt);
    }
    return end("nobody", std::nullopt);
  }

 private:
  void say(std::string line) { step_.lines.push_back(std::move(line)); }

  std::string at(Time time) const { return pages::moment(words_, time, timezone_); }

  NextStep end(std::string actor, std::optional<Time> by) {
    step_.actor = std::move(actor);
    step_.by = by;
    return std::move(step_);
  }

  void say_agent() {
    if (!view_.agent_name.empty()) say(pages::fill(words_.next.agent_has_it, {{"agent", view_.agent_name}}));
  }

  NextStep waiting() {
    if (!opening_.open && opening_.next) say(pages::fill(words_.next.opens_at, {{"time", at(*opening_.next)}}));
    if (view_.position) {
      say(pages::fill(words_.next.position, {{"position", pages::number(words_, *view_.position)}}));
    }
    // While closed nobody takes it, however short the queue.
    if (view_.wait && opening_.open)
      say(pages::fill(words_.next.wait, {{"wait", pages::wait(words_, view_.wait->p90)}}));
    return promised();
  }

  /// The answer while one is owed, else the solution; what was promised and has passed is promised no longer, but when
  /// it is looked at again.
  NextStep promised() {
    const auto& conversation = view_.conversation;
    const bool answer_owed = conversation.unanswered_since || !conversation.first_replied_at;
    const auto by = answer_owed ? answer_by() : conversation.promise.resolve_by;
    const bool his_turn = !answer_owed && conversation.next_actor == routing::NextActor::customer;
    const std::string actor = his_turn ? "customer" : "team";
    if (by > now_) {
      say(pages::fill(answer_owed ? words_.next.answer_by : words_.next.solve_by, {{"time", at(by)}}));
      return end(actor, by);
    }
    if (!conversation.next_at || *conversation.next_at <= now_) return end(actor, std::nullopt);
    say(pages::fill(words_.next.resumes_at, {{"time", at(*conversation.next_at)}}));
    return end(actor, conversation.next_at);
  }

  /// What the message that waits was promised; the first one's promise is the conversation's.
  Time answer_by() const {
    const auto& conversation = view_.conversation;
    if (conversation.answer_due) return *conversation.answer_due;
    return conversation.first_replied_at ? Time() : conversation.promise.first_reply_by;
  }

  NextStep pending() {
    const auto until = view_.conversation.next_at;
    say(until ? pages::fill(words_.next.your_turn_until, {{"time", at(*until)}}) : std::string(words_.next.your_turn));
    return end("customer", until);
  }

  NextStep snoozed() {
    const auto until = view_.conversation.next_at;
    say_agent();
    if (until) say(pages::fill(words_.next.resumes_at, {{"time", at(*until)}}));
    return end("team", until);
  }

  const routing::StatusView& view_;
  const Opening& opening_;
  const pages::Catalogue& words_;
  const std::string& timezone_;
  Time now_;
  NextStep step_{};
};

}  // namespace

NextStep next_step(const routing::StatusView& view, const Opening& opening, const pages::Catalogue& words,
                   const std::string& timezone, Time now) {
  return Teller(view, opening, words, timezone, now).tell();
}

std::string_view state_text(State state, const pages::Catalogue& words) {
  switch (state) {
    case State::waiting: return words.states.waiting;
    case State::offered: return words.states.offered;
    case State::active: return words.states.active;
    case State::pending: return words.states.pending;
    case State::snoozed: return words.states.snoozed;
    case State::resolved: return words.states.resolved;
    case State::closed: return words.states.closed;
  }
  return words.states.waiting;
}

}  // namespace peyk::channels::status
