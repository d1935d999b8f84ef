#include "tests/support/model.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include <fmt/format.h>

namespace peyk::test {
namespace {

bool has(const std::vector<std::string>& list, const std::string& word) {
  return std::ranges::find(list, word) != list.end();
}

int number_of_offer(const SeenOffer& offer) {
  return std::stoi(offer.id.substr(offer.id.find('_') + 1));
}

/// What one agent carries of the kinds that keep an offer from him, and how many of its own kind, when it was made.
struct Carried {
  std::int64_t units = 0;
  std::int64_t count = 0;

  void add(const KindModel& rules, const std::string& offered, const std::string& kind, std::int64_t weight) {
    if (!has(rules.interrupts, kind)) units += weight;
    if (kind == offered) ++count;
  }
};

std::int64_t total(const std::map<std::string, std::int64_t>& parts) {
  std::int64_t sum = 0;
  for (const auto& [name, part] : parts) sum += part;
  return sum;
}

bool open(const std::string& state) {
  return state != "resolved" && state != "closed";
}

KindOverride own_of(const std::map<std::string, std::map<std::string, KindOverride>>& all, const std::string& agent,
                    const std::string& kind) {
  const auto his = all.find(agent);
  if (his == all.end()) return {};
  const auto found = his->second.find(kind);
  return found == his->second.end() ? KindOverride{} : found->second;
}

int count_offers(const std::string& offers) {
  return offers.empty() ? 0 : static_cast<int>(std::ranges::count(offers, ';')) + 1;
}

}  // namespace

void Model::message(const std::string& conversation, const std::string& message) {
  messages_[conversation].push_back(message);
}

void Model::asked(const std::string& conversation, std::int64_t at) {
  questions_[conversation].push_back({messages_[conversation].size(), at});
}

void Model::answered(const std::string& conversation, const std::optional<std::string>& seen) {
  ages_.erase(conversation);
  const auto& all = messages_[conversation];
  const auto found = seen ? std::ranges::find(all, *seen) : all.end();
  std::size_t place = all.size();
  if (seen) place = found == all.end() ? 0 : static_cast<std::size_t>(found - all.begin()) + 1;
  std::erase_if(questions_[conversation], [place](const Question& question) { return question.place <= place; });
}

void Model::classified(const std::string& conversation, const json::object& asks, std::int64_t at) {
  plans_[conversation] = Plan(asks, at);
}

void Model::reopened(const std::string& conversation, const json::object& asks, const std::vector<std::string>& queues,
                     std::int64_t at) {
  plans_[conversation].reopen(asks, queues, at);
}

void Model::owned(const std::string& conversation, const std::string& agent) {
  expected_[conversation] = {"active", agent, 0};
}

void Model::put(const std::string& conversation, const std::string& state, std::int64_t until) {
  ages_.erase(conversation);
  auto& expected = expected_[conversation];
  expected.state = state;
  expected.until = until;
  if (!open(state)) expected.owner.clear();
}

void Model::routed(const std::string& conversation) {
  expected_[conversation] = {"routed", "", 0};
}

std::int64_t Model::weight(const std::string& agent, const std::string& kind) const {
  const auto own = own_of(own_kinds, agent, kind);
  return own.weight.value_or(kinds.at(kind).weight);
}

std::optional<std::int64_t> Model::most(const std::string& agent, const std::string& kind) const {
  const auto own = own_of(own_kinds, agent, kind);
  return own.max ? own.max : kinds.at(kind).max;
}

std::optional<bool> Model::room(const SeenAgent& agent, const std::string& kind) const {
  const auto& rules = kinds.at(kind);
  const auto weighs = weight(agent.name, kind);
  if (weighs > agent.capacity) return std::nullopt;
  if (const auto limit = most(agent.name, kind); limit && agent.counts.at(kind) >= *limit) return std::nullopt;
  const auto with = [&](const std::map<std::string, std::int64_t>& parts) {
    auto units = weighs;
    for (const auto& [other, part] : parts) units += has(rules.interrupts, other) ? 0 : part;
    return units;
  };
  if (with(agent.load) <= agent.capacity) return true;
  if (with(agent.asleep) > agent.capacity) return std::nullopt;
  return false;
}

bool Model::admits(const SeenAgent& agent, const SeenConversation& conversation) {
  if (!conversation.own_lane.empty()) return conversation.own_lane == agent.name;
  const auto [levels, rings] = read_demand(conversation.demand);
  const bool serves = has(agent.queues, conversation.queue) ||
                      std::ranges::any_of(rings, [&](const auto& ring) { return has(agent.queues, ring); });
  return serves && meets(agent, levels);
}

std::string Model::best_of(const DeskState& state, const std::string& kind, const std::string& queue,
                           const std::map<std::string, int>& levels) const {
  using Terms = std::tuple<std::int64_t, std::size_t, std::int64_t, std::string>;
  std::optional<Terms> best;
  for (const auto& [name, agent] : state.agents) {
    if (!agent.taking || !agent.held.empty() || !has(agent.queues, queue) || !meets(agent, levels)) continue;
    if (room(agent, kind) != true) continue;
    const auto ratio = (total(agent.load) + weight(name, kind)) * 1000 / agent.capacity;
    Terms terms{ratio, agent.skills.size(), agent.idle_at / 100, name};
    if (!best || terms < *best) best = std::move(terms);
  }
  return best ? std::get<3>(*best) : std::string();
}

std::string Model::best_agent(const DeskState& state, const SeenConversation& conversation, const Bands& bands) const {
  const auto last = state.agents.find(conversation.last_agent);
  if (last != state.agents.end() && last->second.taking && last->second.held.empty() &&
      admits(last->second, conversation) && room(last->second, conversation.kind) == true) {
    return last->first;
  }
  auto [levels, queues] = read_demand(conversation.demand);
  queues.insert(queues.begin(), conversation.queue);
  std::size_t depth = 0;
  for (const auto& [skill, floors] : bands) depth = std::max(depth, floors.size());
  for (const auto& queue : queues) {
    for (std::size_t band = 0; band <= depth; ++band) {
      auto wanted = levels;
      for (const auto& [skill, floors] : bands) {
        if (band < floors.size()) wanted[skill] = std::max(wanted[skill], floors[band]);
      }
      auto best = best_of(state, conversation.kind, queue, wanted);
      if (!best.empty()) return best;
    }
  }
  return {};
}

double Model::urgency(const SeenConversation& conversation, std::int64_t now) const {
  static const std::map<std::string, double> kValues{{"low", 0.5}, {"normal", 1}, {"high", 2}, {"urgent", 4}};
  const auto share = static_cast<double>(std::max<std::int64_t>(0, now - conversation.age_at)) / 1000.0 /
                     static_cast<double>(conversation.promise_s);
  return kValues.at(conversation.priority) * std::pow(share, exponent);
}

const SeenConversation* Model::best_item(const DeskState& state, const SeenAgent& agent) const {
  const SeenConversation* best = nullptr;
  const auto before = [this, &state](const SeenConversation& one, const SeenConversation& other) {
    const auto mine = urgency(one, state.now);
    const auto his = urgency(other, state.now);
    if (mine != his) return mine > his;
    return std::tie(one.age_at, one.id) < std::tie(other.age_at, other.id);
  };
  for (const auto& [id, c] : state.conversations) {
    if (c.state != "waiting" || !concerns(state, agent, c)) continue;
    if (best == nullptr || before(c, *best)) best = &c;
  }
  if (best != nullptr) return best;
  for (const auto& [id, c] : state.conversations) {
    if (!wants_agent(state, c) || room(agent, c.kind) != true || !may_have(state, agent, c)) continue;
    if (best == nullptr || before(c, *best)) best = &c;
  }
  return best;
}

bool Model::may_have(const DeskState& state, const SeenAgent& agent, const SeenConversation& c) {
  if (!admits(agent, c)) return false;
  const bool asked = std::ranges::any_of(agent.offers, [&c](const auto& offer) { return offer.conversation == c.id; });
  const auto cooled = agent.cooled.find(c.id);
  return !asked && (cooled == agent.cooled.end() || cooled->second <= state.now);
}

std::vector<std::string> Model::check(const DeskState& state, bool at_rest) {
  std::vector<std::string> wrong;
  for (const auto& [id, c] : state.conversations) {
    check_place(state, c, wrong);
    check_expected(state, c, wrong);
    check_age(c, wrong);
    check_questions(c, wrong);
    check_demand(state, c, wrong);
    if (at_rest) check_rest(state, c, wrong);
  }
  for (const auto& [name, agent] : state.agents) {
    check_agent(state, agent, wrong);
    check_hold(state, agent, wrong);
  }
  for (const auto& [id, expected] : expected_) {
    if (open(expected.state) && !state.conversations.contains(id)) wrong.push_back(id + " is gone");
  }
  return wrong;
}

// What he got since, or what became heavier since, may come on top: it is left out. So are wrap-ups that began since.
std::vector<std::string> Model::check_offers(const DeskState& before, const DeskState& after) const {
  std::vector<std::string> wrong;
  for (const auto& [name, agent] : after.agents) {
    const auto found = before.agents.find(name);
    if (found == before.agents.end()) continue;
    const auto& was = found->second;
    for (const auto& offer : agent.offers) {
      if (std::ranges::any_of(was.offers, [&offer](const auto& old) { return old.id == offer.id; })) continue;
      const auto& rules = kinds.at(offer.kind);
      Carried carried;
      for (const auto& other : agent.offers) {
        if (number_of_offer(other) <= number_of_offer(offer)) carried.add(rules, offer.kind, other.kind, other.weight);
      }
      for (const auto& id : agent.work) {
        if (!has(was.work, id)) continue;
        const auto& then = before.conversations.at(id);
        const auto& now = after.conversations.at(id);
        if (then.state == "snoozed" || now.state == "snoozed") continue;
        carried.add(rules, offer.kind, now.kind, std::min(then.weight, now.weight));
      }
      for (const auto& [kind, units] : agent.wrap_up) {
        const auto old = was.wrap_up.find(kind);
        if (old != was.wrap_up.end() && !has(rules.interrupts, kind)) carried.units += std::min(units, old->second);
      }
      if (offer.weight != weight(name, offer.kind)) {
        wrong.push_back(fmt::format("{} weighs {} for {}, should weigh {}", offer.conversation, offer.weight, name,
                                    weight(name, offer.kind)));
      }
      const auto limit = most(name, offer.kind);
      // A reload makes offers of what its removed queue held before it says what its agents can carry.
      const auto capacity = std::max(was.capacity, agent.capacity);
      if (carried.units > capacity || (limit && carried.count > *limit)) {
        wrong.push_back(fmt::format("{} was offered {} beyond his capacity: {} of {} units, {} of its kind", name,
                                    offer.conversation, carried.units, agent.capacity, carried.count));
      }
    }
  }
  return wrong;
}

// In its lane, or in live offers, or in one agent's list: exactly one of them, with a next step.
void Model::check_place(const DeskState& state, const SeenConversation& c, std::vector<std::string>& wrong) const {
  int lists = 0;
  int live = 0;
  for (const auto& [name, agent] : state.agents) {
    lists += static_cast<int>(std::ranges::count(agent.work, c.id));
    live += static_cast<int>(
        std::ranges::count_if(agent.offers, [&](const auto& offer) { return offer.conversation == c.id; }));
  }
  const bool owned = c.state == "active" || c.state == "pending" || c.state == "snoozed";
  if (c.lanes != (c.state == "waiting" ? 1 : 0))
    wrong.push_back(fmt::format("{} {}: {} lanes", c.id, c.state, c.lanes));
  if (lists != (owned ? 1 : 0)) wrong.push_back(fmt::format("{} {}: in {} lists", c.id, c.state, lists));
  if (owned == c.owner.empty()) wrong.push_back(fmt::format("{} {}: owner '{}'", c.id, c.state, c.owner));
  if ((live > 0) != (c.state == "offered") || live > parallel || live != count_offers(c.offers)) {
    wrong.push_back(fmt::format("{} {}: {} live offers, named {}", c.id, c.state, live, c.offers));
  }
  if (open(c.state) && (c.next_at == 0 || c.next_actor.empty())) wrong.push_back(c.id + " has no next step");
}

// Of one that waits for a queue: whether what time relaxes was relaxed, and no more than that.
void Model::check_demand(const DeskState& state, const SeenConversation& c, std::vector<std::string>& wrong) {
  auto& plan = plans_[c.id];
  plan.follow(c);
  if (c.state != "waiting" || !c.own_lane.empty()) return;
  if (const auto said = plan.check(state, c)) wrong.push_back(*said);
}

void Model::check_questions(const SeenConversation& c, std::vector<std::string>& wrong) const {
  const auto found = questions_.find(c.id);
  const auto since = found == questions_.end() || found->second.empty() ? 0 : found->second.front().at;
  if (c.unanswered_since == since) return;
  wrong.push_back(fmt::format("{} is unanswered since {}, should be since {}", c.id, c.unanswered_since, since));
}

void Model::check_agent(const DeskState& state, const SeenAgent& a, std::vector<std::string>& wrong) const {
  auto load = a.wrap_up;
  for (const auto& offer : a.offers) {
    load[offer.kind] += offer.weight;
    if (offer.deadline + 1000 < state.now) wrong.push_back(fmt::format("{} outlived its deadline", offer.id));
    if (a.presence != "available")
      wrong.push_back(fmt::format("{} is offered to {}, who takes nothing", offer.conversation, a.name));
  }
  for (const auto& id : a.work) {
    const auto found = state.conversations.find(id);
    if (found == state.conversations.end() || found->second.owner != a.name) {
      wrong.push_back(fmt::format("{} in the list of {}, who does not own it", id, a.name));
    } else {
      load[found->second.kind] += found->second.weight;
    }
  }
  for (const auto& [kind, counted] : a.load) {
    if (counted != load[kind]) {
      wrong.push_back(fmt::format("{} counts {} of {}, has {}", a.name, counted, kind, load[kind]));
    }
  }
}

// Whether it could be offered to somebody: it waits, or fewer have it than may. What was handed to one is his alone.
bool Model::wants_agent(const DeskState& state, const SeenConversation& c) const {
  if (c.state != "offered") return c.state == "waiting";
  if (count_offers(c.offers) >= parallel) return false;
  return std::ranges::none_of(state.agents, [&c](const auto& agent) {
    return std::ranges::any_of(agent.second.offers,
                               [&c](const auto& offer) { return offer.conversation == c.id && offer.by == "own"; });
  });
}

// No conversation waits, or lacks an offer, while somebody who may take it has room.
void Model::check_rest(const DeskState& state, const SeenConversation& c, std::vector<std::string>& wrong) const {
  if (!wants_agent(state, c)) return;
  for (const auto& [name, agent] : state.agents) {
    if (!agent.taking || !agent.held.empty() || room(agent, c.kind) != true || !may_have(state, agent, c)) continue;
    wrong.push_back(fmt::format("{} is {} while {} could take it", c.id, c.state, name));
  }
}

// Kept from hand to hand until the customer is answered, and never younger than his oldest word without an answer.
void Model::check_age(const SeenConversation& c, std::vector<std::string>& wrong) {
  const std::string owes = c.age_at != 0 || c.unanswered_since != 0 ? "agent" : "customer";
  if (c.state == "active" && c.next_actor != owes)
    wrong.push_back(fmt::format("{}: the {} owes its next step", c.id, owes));
  if (c.age_at == 0) {
    if (ages_.contains(c.id)) wrong.push_back(c.id + " lost its age");
    return;
  }
  const auto known = ages_.try_emplace(c.id, c.age_at).first->second;
  if (c.age_at != known) wrong.push_back(fmt::format("{}: its age began at {}, now at {}", c.id, known, c.age_at));
  if (c.unanswered_since != 0 && c.unanswered_since < c.age_at) {
    wrong.push_back(fmt::format("{}: unanswered since {}, its age began at {}", c.id, c.unanswered_since, c.age_at));
  }
}

bool Model::may_leave(const DeskState& state, const SeenConversation& c, const Expected& expected) const {
  if (c.state != "waiting" && c.state != "offered") {
    const bool aside = expected.state == "pending" || expected.state == "snoozed";
    return aside && c.state == "active" && c.owner == expected.owner && expected.until <= state.now;
  }
  const auto owner = state.agents.find(expected.owner);
  if (owner == state.agents.end() || owner->second.lost) return true;
  return c.kind == "chat" && owner->second.presence == "away";
}

void Model::check_expected(const DeskState& state, const SeenConversation& c, std::vector<std::string>& wrong) {
  auto& expected = expected_[c.id];
  if (expected.state.empty()) expected.state = "routed";
  const auto state_now = c.state == "waiting" || c.state == "offered" ? std::string("routed") : c.state;
  if (state_now != expected.state || c.owner != expected.owner) {
    if (!may_leave(state, c, expected)) {
      wrong.push_back(fmt::format("{} is {} with '{}', should be {} with '{}'", c.id, c.state, c.owner, expected.state,
                                  expected.owner));
    }
    expected = {state_now, c.owner, 0};
  }
  const auto found = messages_.find(c.id);
  const auto acknowledged = found == messages_.end() ? 0 : static_cast<std::int64_t>(found->second.size());
  if (c.messages != acknowledged) {
    wrong.push_back(fmt::format("{} holds {} messages, {} were acknowledged", c.id, c.messages, acknowledged));
  }
}

}  // namespace peyk::test
