// What agents are given and held for, against all that waits for them: the item rule by brute force.
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "tests/support/model.h"

namespace peyk::test {
namespace {

/// A hold is looked at again so often: what became more urgent meanwhile need not wait longer.
constexpr std::int64_t kLookedAtAgain = 15'000;

bool held_by_another(const DeskState& state, const SeenAgent& agent, const std::string& id) {
  return std::ranges::any_of(state.agents,
                             [&](const auto& other) { return other.second.held == id && other.first != agent.name; });
}

bool stood_still(const SeenConversation& was, const SeenConversation& is) {
  const auto place = [](const SeenConversation& c) {
    return std::tie(c.state, c.queue, c.kind, c.priority, c.promise_s, c.demand, c.own_lane, c.age_at);
  };
  return is.state == "waiting" && place(was) == place(is);
}

/// More than the last bits of a division differ by.
bool above(double one, double other) {
  return one > other * (1 + 1e-9) + 1e-12;
}

std::vector<const SeenOffer*> new_offers(const SeenAgent& was, const SeenAgent& is) {
  std::vector<const SeenOffer*> made;
  for (const auto& offer : is.offers) {
    if (std::ranges::none_of(was.offers, [&offer](const auto& old) { return old.id == offer.id; })) {
      made.push_back(&offer);
    }
  }
  return made;
}

}  // namespace

bool Model::concerns(const DeskState& state, const SeenAgent& agent, const SeenConversation& c) const {
  const auto fits = room(agent, c.kind);
  return fits && may_have(state, agent, c) && (*fits || !held_by_another(state, agent, c.id));
}

// Who has room for nothing at all need not be held from anything.
bool Model::takes_any(const SeenAgent& agent) const {
  return std::ranges::any_of(kinds, [&](const auto& kind) { return room(agent, kind.first) == true; });
}

HandedOut Model::hand_out(DeskState state, SeenAgent agent) const {
  HandedOut out;
  while (agent.taking && takes_any(agent)) {
    const auto* best = best_item(state, agent);
    if (best == nullptr) break;
    if (room(agent, best->kind) != true) {
      out.held = best->id;
      break;
    }
    out.offers.push_back(best->id);
    agent.load[best->kind] += weight(agent.name, best->kind);
    ++agent.counts[best->kind];
    agent.offers.emplace_back().conversation = best->id;
    state.conversations.at(best->id).state = "offered";
  }
  return out;
}

std::vector<const SeenConversation*> Model::left_waiting(const DeskState& before, const DeskState& after,
                                                         const std::string& agent) const {
  std::vector<const SeenConversation*> left;
  const auto& was = before.agents.at(agent);
  const auto& is = after.agents.at(agent);
  for (const auto& [id, c] : after.conversations) {
    const auto old = before.conversations.find(id);
    if (old == before.conversations.end() || !stood_still(old->second, c)) continue;
    const bool his = may_have(before, was, c) && !held_by_another(before, was, id);
    if (his && concerns(after, is, c)) left.push_back(&c);
  }
  return left;
}

// Whatever he got by the item rule was the most urgent of what was there all the while; and nothing less urgent than
// what he is held for came his way.
void Model::check_new_offers(const DeskState& before, const DeskState& after, const std::string& name,
                             std::vector<std::string>& wrong) const {
  const auto& was = before.agents.at(name);
  const auto& is = after.agents.at(name);
  const auto made = new_offers(was, is);
  const bool chose = std::ranges::any_of(made, [](const auto* offer) { return offer->by == "room"; });
  if (!chose && (is.held.empty() || made.empty()) && is.held == was.held) return;
  for (const auto* left : left_waiting(before, after, name)) {
    const auto urgent = urgency(*left, after.now);
    for (const auto* offer : made) {
      const bool by_rule = offer->by == "room" || (was.held == left->id && is.held == left->id);
      if (!by_rule || !above(urgent, urgency(after.conversations.at(offer->conversation), after.now))) continue;
      wrong.push_back(fmt::format("{} was offered {} while {} is more urgent", name, offer->conversation, left->id));
    }
    if (is.held.empty() && (chose || was.held == left->id) && is.taking && takes_any(is)) {
      wrong.push_back(fmt::format("{} is not held for {}, which lacks units", name, left->id));
    }
    if (!is.held.empty() && is.held != was.held && above(urgent, urgency(after.conversations.at(is.held), after.now))) {
      wrong.push_back(fmt::format("{} is held for {} while {} is more urgent", name, is.held, left->id));
    }
  }
}

std::vector<std::string> Model::check_urgency(const DeskState& before, const DeskState& after) const {
  std::vector<std::string> wrong;
  for (const auto& [name, agent] : after.agents) {
    if (before.agents.contains(name)) check_new_offers(before, after, name, wrong);
  }
  return wrong;
}

// He is held, alone, for what waits, may be his and lacks units that his own work frees; and nothing that he may have
// stays more urgent than that.
void Model::check_hold(const DeskState& state, const SeenAgent& a, std::vector<std::string>& wrong) {
  const auto held = state.conversations.find(a.held);
  if (a.held.empty() && a.taking && takes_any(a)) {
    for (const auto& [id, c] : state.conversations) {
      const bool handed = c.state == "waiting" && c.own_lane == a.name && concerns(state, a, c);
      if (handed) wrong.push_back(fmt::format("{} is not held for {}, which was handed to him", a.name, id));
    }
  }
  if (a.held.empty() || held == state.conversations.end()) {
    outdone_.erase(a.name);
    if (!a.held.empty()) wrong.push_back(fmt::format("{} is held for {}, which is gone", a.name, a.held));
    return;
  }
  const auto& c = held->second;
  if (c.state != "waiting" || !a.taking || room(a, c.kind) != false || !concerns(state, a, c)) {
    wrong.push_back(fmt::format("{} is held for {} for no reason", a.name, a.held));
  }
  const auto* best = best_item(state, a);
  if (best == nullptr || !above(urgency(*best, state.now), urgency(c, state.now))) {
    outdone_.erase(a.name);
  } else if (state.now - outdone_.try_emplace(a.name, state.now).first->second >= kLookedAtAgain) {
    wrong.push_back(fmt::format("{} is still held for {} while {} is more urgent", a.name, a.held, best->id));
  }
}

}  // namespace peyk::test
