#include "routing/timekeeper.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "routing/owed_texts.h"
#include "routing/queue_states.h"
#include "routing/store/arguments.h"
#include "routing/store/replies.h"
#include "routing/system_texts.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

constexpr auto kTick = Milliseconds(500);
// A pause of the ticks after which the store stood still. Well below a lease, so that none runs out unnoticed in it;
// above what a busy machine may delay a tick.
constexpr auto kLongestGap = Milliseconds(5000);
constexpr auto kShortestGap = Milliseconds(1000);
constexpr auto kFarewell = Milliseconds(300);  // for the word that the pause to come is meant
constexpr int kBatch = 50;                     // that one call may apply
constexpr auto kHoursEvery = Milliseconds(10'000);
constexpr auto kIssueStands = std::chrono::minutes(10);

class ScriptTimekeeper : public Timekeeper {
 public:
  ScriptTimekeeper(DeskCore& core, IssueBook& issues)
      : core_(core),
        issues_(issues),
        woken_(core.executor),
        roster_written_(core.executor),
        tasks_(core.executor, "timekeeper") {}

  void start() override {
    tasks_.spawn("timers", keep_time());
    tasks_.spawn("hours", keep_hours());
  }
  /// The store is told that the pause to come is meant.
  asio::awaitable<void> stop() override {
    co_await tasks_.stop();
    store::ObjectWriter call;
    call.flag("rest", true);
    co_await with_deadline(kFarewell, core_.runner.write("timers", call.take()));
  }
  void wake() override { woken_.notify(); }
  void roster_written() override {
    queues_.forget();
    told_shifts_.clear();
    roster_is_new_ = true;
    roster_written_.notify();
  }

 private:
  asio::awaitable<void> keep_time() {
    for (;;) {
      const auto pause = co_await tick();
      if (pause > Milliseconds(0)) co_await woken_.wait(pause);
    }
  }

  asio::awaitable<Milliseconds> tick() {
    store::ObjectWriter call;
    const auto gap = std::clamp(core_.settings->config().presence.lease / 3, kShortestGap, kLongestGap);
    call.number("limit", kBatch).duration("gap", gap);
    const auto reply = co_await core_.runner.write("timers", call.take());
    if (!reply) {
      if (store::is_damaged(reply.error())) issues_.raise("store.unusable", "", reply.error().message);
      co_return kTick;
    }
    issues_.clear("store.unusable");
    for (const auto& issue : store::array_in(*reply, "issues")) {
      if (!issue.is_object()) continue;
      issues_.report(store::text(issue.get_object(), "code"), store::text(issue.get_object(), "message"), kIssueStands);
    }
    note_suspects(store::number(*reply, "suspect"), store::texts(*reply, "suspects"));
    for (const auto& item : store::array_in(*reply, "overflow")) {
      if (item.is_object()) tasks_.spawn("overflow", answer(item.get_object()));
    }
    if (store::number(*reply, "done") >= kBatch) co_return Milliseconds(0);
    const auto next = store::time(*reply, "next_at");
    if (!next) co_return kTick;
    co_return std::clamp<Milliseconds>(*next - core_.runner.now() + Milliseconds(1), Milliseconds(5), kTick);
  }

  void note_suspects(std::int64_t count, const std::vector<std::string>& few) {
    if (count > 0) {
      const auto named = few.empty() ? std::string() : fmt::format(" ({})", fmt::join(few, ", "));
      issues_.raise("store.damage", "suspect",
                    fmt::format("{} records were set aside or broke a script off{}: peykctl audit --repair mends them",
                                count, named));
    } else {
      issues_.clear("store.damage", "suspect");
    }
  }

  asio::awaitable<void> answer(json::object item) {
    store::ObjectWriter call;
    call.text("conversation", store::text(item, "conversation"));
    const auto reply = co_await core_.runner.read("read_conversation", call.take());
    if (!reply) co_return;
    const auto conversation = store::read_conversation(store::object_in(*reply, "conversation"));
    announce_answer(core_, conversation, item);
  }

  asio::awaitable<void> keep_hours() {
    for (;;) {
      roster_is_new_ = false;
      const auto settings = core_.settings;
      co_await tell_queues(settings);
      co_await tell_shifts(settings);
      if (!roster_is_new_) co_await roster_written_.wait(until_hours(*settings));
    }
  }

  /// A shift ends, and a queue closes, when its hours do.
  Milliseconds until_hours(Settings& settings) const {
    const auto now = core_.runner.now();
    const auto change = settings.hours().next_change(now);
    return change ? std::clamp<Milliseconds>(*change - now, Milliseconds(5), kHoursEvery) : kHoursEvery;
  }

  /// What events alone do not say: how many there were before this daemon listened, who is free, and which queues the
  /// store knows nothing of, or no more.
  asio::awaitable<void> count_queues() {
    const auto reply = co_await core_.runner.read("read_queues", "{}");
    if (!reply) co_return;
    for (const auto& value : store::array_in(*reply, "queues")) {
      if (!value.is_object()) continue;
      const auto view = store::read_queue(value.get_object(), core_.runner.now());
      if (store::flag(value.get_object(), "untold")) queues_.forget(view.name);
      for (const auto& counted : view.kinds) core_.waits.count(counted);
    }
  }

  asio::awaitable<void> tell_queues(SettingsPtr settings) {
    co_await count_queues();
    for (const auto& state : queues_.changed(*settings, core_.waits, core_.runner.now())) {
      const auto reply = co_await core_.runner.write("queue_state", state.arguments());
      if (reply) queues_.told(state);
    }
  }

  asio::awaitable<void> tell_shifts(SettingsPtr settings) {
    for (const auto& [name, agent] : settings->config().agents) {
      if (agent.shift.empty()) continue;
      const bool on = settings->hours().clock(agent.shift).is_open(core_.runner.now());
      const auto told = told_shifts_.find(name);
      if (told != told_shifts_.end() && told->second == on) continue;
      store::ObjectWriter call;
      call.text("agent", name).truth("on", on);
      const auto reply = co_await core_.runner.write("shift", call.take());
      if (reply) told_shifts_.insert_or_assign(name, on);
    }
  }

  DeskCore& core_;
  IssueBook& issues_;
  peyk::Event woken_;
  peyk::Event roster_written_;
  bool roster_is_new_ = false;
  TaskGroup tasks_;
  QueueStates queues_;
  std::map<AgentName, bool> told_shifts_;
};

}  // namespace

std::unique_ptr<Timekeeper> create_timekeeper(DeskCore& core, IssueBook& issues) {
  return std::make_unique<ScriptTimekeeper>(core, issues);
}

}  // namespace peyk::routing
