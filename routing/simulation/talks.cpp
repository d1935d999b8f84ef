#include "routing/simulation/talks.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>

namespace peyk::routing::simulation {
namespace {

AgentName owner_in(const Event& event) {
  const auto state = event.get("state");
  if (state == "waiting" || state == "offered") return {};
  return AgentName(std::string(event.get("agent")));
}

}  // namespace

Talks::Talks(const Day& day) : day_(day), states_(day.arrivals.size()) {}

std::vector<Planned> Talks::losses() const {
  std::vector<Planned> planned;
  for (std::size_t i = 0; i < day_.losses.size(); ++i) {
    planned.push_back({day_.losses[i].from, Deed::lose, i});
    planned.push_back({day_.losses[i].to, Deed::come_back, i});
  }
  return planned;
}

std::optional<Time> Talks::back(const AgentName& agent, Time at) const {
  const auto after = std::ranges::upper_bound(day_.losses, std::tie(agent, at), {},
                                              [](const Loss& loss) { return std::tie(loss.agent, loss.from); });
  if (after == day_.losses.begin()) return std::nullopt;
  const auto& loss = *std::prev(after);
  if (loss.agent != agent || at >= loss.to) return std::nullopt;
  return loss.to;
}

Milliseconds Talks::work(std::size_t arrival, std::size_t turn) const {
  const auto& comes = day_.arrivals[arrival];
  return turn == 0 ? comes.handling : comes.turns[turn - 1].handling;
}

// Only who has no agent, or one without a connection, may get one whose work begins before that is known.
Time Talks::horizon(Time now) const {
  auto soonest = Time::max();
  for (const auto arrival : open_) {
    const auto& state = states_[arrival];
    if (!state.owner.empty() && !back(state.owner, now)) continue;
    soonest = std::min(soonest, now + std::max(work(arrival, state.turn), Milliseconds(1)));
  }
  return soonest;
}

std::optional<Time> Talks::horizon_of(const Planned& deed) const {
  if (deed.deed == Deed::lose || deed.deed == Deed::come_back) return deed.at;
  if (deed.deed != Deed::arrive && deed.deed != Deed::answer && deed.deed != Deed::write) return std::nullopt;
  if (!follows(deed.which) || (deed.deed == Deed::answer && !stands(deed))) return std::nullopt;
  const auto turn = states_[deed.which].turn;
  if (deed.deed == Deed::arrive) return deed.at + work(deed.which, 0);
  const auto& next = day_.arrivals[deed.which].turns[turn];
  return deed.at + (deed.deed == Deed::answer ? next.after : next.handling);
}

Planned Talks::plan_work(std::size_t arrival, State& state, Time at) {
  const bool last = state.turn == day_.arrivals[arrival].turns.size();
  return {at + work(arrival, state.turn), last ? Deed::resolve : Deed::answer, arrival, state.owner, {}, ++state.plan};
}

std::optional<Planned> Talks::after(const Event& event, std::size_t arrival) {
  auto& state = states_[arrival];
  state.owner = owner_in(event);
  if (event.type == "conversation.created") open_.insert(arrival);
  if (event.type == "conversation.resolved") open_.erase(arrival);
  if (event.type == "conversation.assigned" && state.works) return plan_work(arrival, state, event.at);
  if (event.type == "message.out") {
    state.works = false;
    ++state.plan;
    return Planned{event.at + day_.arrivals[arrival].turns[state.turn].after, Deed::write, arrival};
  }
  if (event.type == "message.in" && !state.works) {
    state.works = true;
    ++state.turn;
    if (!state.owner.empty()) return plan_work(arrival, state, event.at);
  }
  return std::nullopt;
}

}  // namespace peyk::routing::simulation
