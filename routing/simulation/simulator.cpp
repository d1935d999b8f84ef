#include "routing/simulation/simulator.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "routing/roster.h"
#include "routing/simulation/agenda.h"
#include "routing/simulation/agent_days.h"
#include "routing/simulation/calls.h"
#include "routing/simulation/hours_watch.h"
#include "routing/simulation/ledger.h"
#include "routing/simulation/talks.h"
#include "routing/store/writer.h"

namespace peyk::routing::simulation {
namespace {

// Deeds of one batch, and how far it looks ahead where little happens.
constexpr std::size_t kDeeds = 64;
constexpr auto kFarthest = std::chrono::minutes(10);
constexpr auto kStoreTimeout = std::chrono::minutes(1);
// Batches without a millisecond's progress, after which something in the store keeps time from passing.
constexpr int kStuck = 1000;
// No socket is lost, so no lease is renewed; and nothing is trimmed from the stream before it is read.
constexpr auto kForever = std::chrono::hours(24 * 3650);

/// The configuration as it is simulated.
config::ConfigPtr simulated(const config::Config& config) {
  auto copy = std::make_shared<config::Config>(config);
  copy->presence.lease = kForever;
  copy->events.keep = kForever;
  return copy;
}

Result<> check(const Day& day, const Settings& settings) {
  const auto missing = [](const std::string& who, std::string_view what, const std::string& name) {
    return fail(ErrorCode::invalid, fmt::format("{}: the configuration has no {} {}", who, what, name));
  };
  for (const auto& arrival : day.arrivals) {
    if (settings.channel(arrival.channel) == nullptr) return missing(arrival.name, "channel", arrival.channel.str());
    if (!arrival.queue.empty() && settings.queue(arrival.queue) == nullptr) {
      return missing(arrival.name, "queue", arrival.queue.str());
    }
  }
  for (const auto& shift : day.shifts) {
    if (settings.agent(shift.agent) == nullptr) return missing("a shift", "agent", shift.agent.str());
  }
  return {};
}

/// Before anything happens.
Time first_moment(const Day& day) {
  auto first = day.begin;
  for (const auto& arrival : day.arrivals) first = std::min(first, arrival.at);
  for (const auto& shift : day.shifts) first = std::min(first, shift.from);
  return first;
}

class Simulation {
 public:
  Simulation(redis::Client& client, const Run& run)
      : client_(client),
        day_(*run.day),
        settings_(std::make_shared<Settings>(simulated(*run.config))),
        shifts_(joined(day_.shifts)),
        now_(first_moment(day_)),
        clock_(now_),
        runner_(client, clock_, {settings_->config().desk, kStoreTimeout, 0, true}),
        calls_(settings_, day_, run.seed),
        hours_(settings_),
        ledger_(day_, settings_->config().queues),
        talks_(day_),
        agents_(day_, shifts_) {}

  asio::awaitable<Result<Outcome>> run() {
    const auto started = std::chrono::steady_clock::now();
    const auto prepared = co_await prepare();
    if (!prepared) co_return std::unexpected(prepared.error());
    plan_day();
    while (goes_on()) {
      const auto done = co_await advance();
      if (!done) co_return std::unexpected(done.error());
    }
    ledger_.pass(std::max(ledger_.last_finished(), day_.end));
    auto outcome = result();
    outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    co_return outcome;
  }

 private:
  /// What one batch holds, and which of its calls is the last of each deed.
  struct Taken {
    Batch batch;
    std::vector<Planned> deeds;
    std::vector<std::size_t> ends;
  };

  asio::awaitable<Result<>> prepare() {
    const auto emptied = co_await client_.call({"FLUSHDB"});
    if (!emptied) co_return std::unexpected(emptied.error());
    co_return co_await write_roster(runner_, settings_);
  }

  void plan_day() {
    agenda_.plan({now_, Deed::hours});
    for (std::size_t i = 0; i < shifts_.size(); ++i) {
      agenda_.plan({shifts_[i].from, Deed::shift_begins, i});
      agenda_.plan({shifts_[i].to, Deed::shift_ends, i});
    }
    for (std::size_t i = 0; i < day_.arrivals.size(); ++i) {
      const auto& arrival = day_.arrivals[i];
      agenda_.plan({arrival.at, Deed::arrive, i});
      if (arrival.patience) agenda_.plan({arrival.at + *arrival.patience, Deed::leave, i});
    }
    for (auto& deed : talks_.losses()) agenda_.plan(std::move(deed));
    coming_ = day_.arrivals.size();
  }

  /// Until all is done, or nobody is left who could do anything.
  bool goes_on() const { return coming_ > 0 || (ledger_.open() > 0 && agenda_.alive()) || now_ < day_.end; }

  asio::awaitable<Result<>> advance() {
    if (looks_now()) {
      const auto counted = co_await count_queues();
      if (!counted) co_return std::unexpected(counted.error());
    }
    auto taken = take();
    const auto done = co_await run_batch(client_, runner_, std::move(taken.batch));
    if (!done) co_return std::unexpected(done.error());
    const auto back = put_back(std::move(taken), done->calls);
    stuck_ = done->at > now_ ? 0 : stuck_ + 1;
    if (stuck_ > kStuck) co_return fail(ErrorCode::internal, "time stands still at " + to_rfc3339(now_));
    now_ = std::max(now_, done->at);
    script_calls_ += done->ran;
    for (const auto& load : done->loads) agents_.observe(load);
    for (const auto& event : done->events) {
      hours_.observe(event);
      ledger_.observe(event);
    }
    for (const auto& event : done->events) plan_after(event);
    for (const auto& agent : back) plan_accepts(agent);
    co_return Result<>();
  }

  /// Whether what comes next is a look at the hours, for which queues are to be counted.
  bool looks_now() const {
    if (hours_.measured().empty() || agenda_.empty()) return false;
    return agenda_.next().deed == Deed::hours && agenda_.next().at <= now_;
  }

  asio::awaitable<Result<>> count_queues() {
    clock_.set(now_);
    store::ObjectWriter call;
    call.raw("queues", hours_.measured());
    const auto reply = co_await runner_.read("read_queues", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    hours_.count(*reply, now_);
    co_return Result<>();
  }

  Taken take() {
    Taken taken;
    taken.batch.begin = now_;
    auto last = now_;
    auto horizon = std::min(now_ + kFarthest, talks_.horizon(now_));
    while (taken.deeds.size() < kDeeds && !agenda_.empty() && agenda_.next().at <= horizon) {
      // What queues are told depends on all that was before, up to that time.
      if (agenda_.next().deed == Deed::hours && (!taken.deeds.empty() || agenda_.next().at > now_)) break;
      const auto deed = agenda_.take();
      if (put_off(deed)) continue;
      last = std::max(last, deed.at);
      horizon = std::min(horizon, talks_.horizon_of(deed).value_or(horizon));
      add(deed, taken.batch.calls);
      taken.deeds.push_back(deed);
      taken.ends.push_back(taken.batch.calls.size());
    }
    taken.batch.until = std::max(last, agenda_.empty() ? horizon : std::min(agenda_.next().at, horizon));
    taken.batch.accept_after = day_.accept_delay;
    taken.batch.handling = handling(taken.batch.until);
    return taken;
  }

  /// Who has no connection works when he has one again; what he was offered he looks at then.
  bool put_off(const Planned& deed) {
    if (deed.deed != Deed::accept && deed.deed != Deed::answer && deed.deed != Deed::resolve) return false;
    const auto back = talks_.back(deed.agent, deed.at);
    if (!back) return false;
    auto later = deed;
    later.at = *back;
    if (deed.deed != Deed::accept) agenda_.plan(std::move(later));
    return true;
  }

  void add(const Planned& deed, std::vector<Call>& calls) {
    const auto append = [&calls](std::vector<Call> more) { std::ranges::move(more, std::back_inserter(calls)); };
    switch (deed.deed) {
      case Deed::shift_begins: append(calls_.begin_shift(shifts_[deed.which].agent, deed.at)); break;
      case Deed::shift_ends: calls.push_back(calls_.end_shift(shifts_[deed.which].agent, deed.at)); break;
      case Deed::hours: append(look_at_hours(deed.at)); break;
      case Deed::arrive: calls.push_back(arrive(deed.which)); break;
      case Deed::leave:
        if (!ledger_.is_answered(deed.which) && !ledger_.is_finished(deed.which)) {
          calls.push_back(calls_.leave(deed.which, deed.at));
        }
        break;
      case Deed::accept: calls.push_back(calls_.accept(deed)); break;
      case Deed::resolve:
        if (stands(deed)) calls.push_back(calls_.resolve(deed));
        break;
      case Deed::answer:
        if (stands(deed)) calls.push_back(calls_.answer(deed));
        break;
      case Deed::write: calls.push_back(calls_.write(deed.which, deed.at)); break;
      case Deed::lose: calls.push_back(calls_.lose(talks_.loss(deed.which).agent, deed.at)); break;
      case Deed::come_back: append(calls_.come_back(talks_.loss(deed.which).agent, deed.at)); break;
    }
  }

  bool stands(const Planned& deed) const { return !talks_.follows(deed.which) || talks_.stands(deed); }

  Call arrive(std::size_t which) {
    auto coming = calls_.arrive(which);
    ledger_.expect(which, calls_.conversation(which), coming.first_reply_by);
    --coming_;
    return std::move(coming.call);
  }

  std::vector<Call> look_at_hours(Time at) {
    if (const auto next = hours_.next(at)) agenda_.plan({*next, Deed::hours});
    return hours_.look(at);
  }

  /// Of those who may be answered and be done with before `until`.
  std::string handling(Time until) const {
    store::ObjectWriter object;
    for (const auto which : ledger_.unanswered()) {
      if (talks_.follows(which)) continue;
      const auto takes = day_.arrivals[which].handling;
      if (now_ + takes < until) object.duration(calls_.conversation(which).str(), takes);
    }
    return object.take();
  }

  /// What was not done any more. Returns the agents who came back in what was done.
  std::vector<AgentName> put_back(Taken taken, std::size_t done) {
    const auto first = std::ranges::upper_bound(taken.ends, done) - taken.ends.begin();
    std::vector<AgentName> back;
    for (const auto& deed : std::span(taken.deeds).first(static_cast<std::size_t>(first))) {
      if (deed.deed == Deed::come_back) back.push_back(talks_.loss(deed.which).agent);
    }
    std::vector<Planned> left(taken.deeds.begin() + first, taken.deeds.end());
    for (const auto& deed : left) {
      if (deed.deed == Deed::arrive) ++coming_;
    }
    agenda_.put_back(std::move(left));
    return back;
  }

  /// What waits for one who is back.
  void plan_accepts(const AgentName& agent) {
    for (auto& [offer, arrival] : ledger_.live_of(agent)) {
      agenda_.plan({now_ + day_.accept_delay, Deed::accept, arrival, agent, std::move(offer)});
    }
  }

  /// What an event leads to, unless the batch has seen to it already.
  void plan_after(const Event& event) {
    const auto arrival = ledger_.arrival_of(event.conversation);
    if (!arrival) return;
    const bool followed = talks_.follows(*arrival);
    if (followed) {
      if (auto next = talks_.after(event, *arrival)) {
        next->at = std::max(next->at, now_);
        agenda_.plan(std::move(*next));
      }
    }
    if (event.type == "offer.made") {
      OfferId offer(std::string(event.get("offer")));
      if (!ledger_.is_live(offer)) return;
      agenda_.plan({event.at + day_.accept_delay, Deed::accept, *arrival, AgentName(std::string(event.get("to"))),
                    std::move(offer)});
    } else if (event.type == "conversation.assigned" && !followed && !ledger_.is_finished(*arrival)) {
      agenda_.plan({event.at + day_.arrivals[*arrival].handling, Deed::resolve, *arrival,
                    AgentName(std::string(event.get("agent")))});
    }
  }

  Outcome result() const {
    Outcome outcome;
    outcome.matters = ledger_.matters();
    outcome.samples = ledger_.samples();
    outcome.script_calls = script_calls_;
    for (const auto& [name, agent] : settings_->config().agents) {
      auto day = agents_.of(name, agent.capacity);
      day.offered = ledger_.offered_to(name);
      day.answered = ledger_.answered_by(name);
      day.abandoned = ledger_.abandoned_at(name);
      outcome.agents.push_back(std::move(day));
    }
    return outcome;
  }

  redis::Client& client_;
  const Day& day_;
  SettingsPtr settings_;
  std::vector<Shift> shifts_;
  Time now_;
  ManualClock clock_;
  store::Runner runner_;
  Calls calls_;
  HoursWatch hours_;
  Ledger ledger_;
  Talks talks_;
  AgentDays agents_;
  Agenda agenda_;
  std::size_t coming_ = 0;
  int stuck_ = 0;
  std::int64_t script_calls_ = 0;
};

}  // namespace

asio::awaitable<Result<Outcome>> simulate(redis::Client& client, Run run) {
  const auto checked = check(*run.day, Settings(run.config));
  if (!checked) co_return std::unexpected(checked.error());
  Simulation simulation(client, run);
  co_return co_await simulation.run();
}

}  // namespace peyk::routing::simulation
