// What can happen on the desk of a random day.
#include <algorithm>
#include <array>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/support/traffic.h"

namespace peyk::test {
namespace {

const std::vector<std::string> kKinds{"chat", "email", "form"};
const std::vector<std::string> kPriorities{"low", "normal", "high", "urgent"};
constexpr std::size_t kMostOpen = 20;  // so that a look at all of it stays cheap
constexpr std::size_t kFewOpen = 5;    // so that somebody is free for who comes

/// Identities of customers are few, so that they come back.
json::object customer(int number) {
  return {{"kind", "visitor"}, {"value", fmt::format("v{}", number)}, {"verified", true}};
}

Bands bands_in(const json::object& asks) {
  Bands bands;
  const auto* given = asks.if_contains("bands");
  if (given == nullptr) return bands;
  for (const auto& [skill, floors] : given->as_object()) {
    for (const auto& floor : floors.as_array()) bands[skill].push_back(floor.to_number<int>());
  }
  return bands;
}

}  // namespace

void Traffic::do_something() {
  const int dice = below(1000);
  if (dice < 250 && before_.conversations.size() < (calm_ ? kFewOpen : kMostOpen)) {
    arrive();
  } else if (dice < 250) {
    end_one();
  } else if (dice < 500) {
    answer_offer();
  } else if (dice < 660) {
    work();
  } else if (dice < 690) {
    end_one();
  } else if (dice < 700) {
    start_one();
  } else if (dice < 850) {
    change_presence();
  } else if (dice < 970) {
    renew_all();
  } else if (dice < 995) {
    change_roster();
  } else {
    stand_still();
  }
  store().settle();
}

json::object Traffic::classification() {
  json::object asks{{"queue", one_of(queues_)},
                    {"priority", one_of(kPriorities)},
                    {"promise_s", chance(50) ? 60 : 600},
                    {"first_reply_by", first_.now + 60'000},
                    {"resolve_by", first_.now + 86'400'000}};
  const auto skill = [this] { return one_of(kSkills); };
  if (chance(50)) asks["require"] = json::object{{skill(), 1 + below(5)}};
  if (chance(15)) {
    json::object prefer{{"skills", {{skill(), 2 + below(4)}}}, {"for", chance(50) ? 5000 : 20'000}};
    asks["prefer"] = json::array{prefer};
    if (chance(50)) {
      asks["prefer"].as_array()[0].as_object()["unless"] = chance(50) ? "available" : "rostered";
    } else if (chance(50)) {
      asks["prefer"].as_array().push_back({{"skills", {{skill(), 2 + below(4)}}}, {"for", 10'000}});
    }
  }
  if (chance(15)) {
    const auto ring = one_of(queues_);
    asks["rings"] = json::array{json::object{{"queue", ring}, {"after", chance(50) ? 0 : 15'000}}};
  }
  if (chance(20)) asks["bands"] = json::object{{skill(), json::array{4, 2}}};
  return asks;
}

void Traffic::arrive() {
  const auto number = fmt::format("{}", turn_);
  const auto kind = one_of(kKinds);
  const auto asks = classification();
  json::object arguments{{"conversation", "c_" + number},
                         {"message", "m_" + number},
                         {"contact", "p_" + number},
                         {"token", "t"},
                         {"delivery_key", number},
                         {"channel", kind},
                         {"kind", kind},
                         {"class", asks},
                         {"sender", customer(below(60))}};
  // Named by a secret: what is open, or was once.
  if (turn_ > 1 && chance(30)) arguments["hint"] = fmt::format("c_{}", std::max(1, turn_ - below(60)));
  const auto reply = call("receive", arguments);
  const auto id = text_of(reply, "conversation");
  model_.message(id, "m_" + number);
  model_.asked(id, first_.now);
  if (reply.contains("created")) model_.classified(id, asks, first_.now);
  if (reply.contains("reopened")) model_.reopened(id, asks, queues_, first_.now);
  const auto was = before_.conversations.find(id);
  if (was == before_.conversations.end()) {
    model_.routed(id);
  } else if (was->second.state == "pending" || was->second.state == "snoozed") {
    model_.put(id, was->second.state, first_.now);
  }
  const bool looked_at = asks.contains("bands") || asks.contains("rings") || chance(calm_ ? 80 : 40);
  if (!reply.contains("created") || !looked_at || model_.parallel > 1 || text_of(asks, "queue") == "cooks") return;
  const auto after = look_at(first_);
  const auto& c = after.conversations.at(id);
  expect("the agent for " + id, model_.best_agent(before_, c, bands_in(asks)), c.offers.substr(c.offers.find('=') + 1));
  // Sending it again stores nothing.
  if (chance(10)) expect("again", id, text_of(call("receive", arguments), "conversation"));
}

Traffic::Pick Traffic::any_offer() {
  std::vector<Pick> all;
  for (const auto& [name, agent] : before_.agents) {
    for (const auto& offer : agent.offers) all.push_back({&agent, &offer});
  }
  return all.empty() ? Pick{} : all.at(static_cast<std::size_t>(below(static_cast<int>(all.size()))));
}

void Traffic::answer_offer() {
  const auto [agent, offer] = any_offer();
  if (offer == nullptr) return;
  auto arguments = by(agent->name);
  arguments["offer"] = offer->id;
  if (chance(70)) {
    call("accept", arguments);
    model_.owned(offer->conversation, agent->name);
    expect("accepting twice", "conflict", attempt("accept", arguments));
  } else {
    call("decline", arguments);
  }
}

const SeenConversation* Traffic::any_owned() {
  std::vector<const SeenConversation*> owned;
  for (const auto& [id, c] : before_.conversations) {
    if (!c.owner.empty()) owned.push_back(&c);
  }
  return owned.empty() ? nullptr : owned.at(static_cast<std::size_t>(below(static_cast<int>(owned.size()))));
}

void Traffic::work() {
  const auto* c = any_owned();
  if (c == nullptr) return;
  const int dice = below(100);
  if (dice < 45) {
    resolve(*c);
  } else if (dice < 65) {
    put_aside(*c);
  } else if (dice < 80) {
    transfer(*c);
  } else {
    reply(*c);
  }
}

void Traffic::resolve(const SeenConversation& c) {
  auto arguments = by(c.owner);
  arguments["conversation"] = c.id;
  call("resolve", arguments);
  model_.put(c.id, "resolved", 0);
  model_.answered(c.id, std::nullopt);
  if (before_.agents.at(c.owner).taking && chance(40)) expect_handed_out(c.owner);
}

// To one who has just resolved something: the most urgent of what waited comes first, until nothing fits.
void Traffic::expect_handed_out(const std::string& agent) {
  const auto after = look_at(first_);
  const auto& is = after.agents.at(agent);
  auto freed = is;
  freed.offers = before_.agents.at(agent).offers;
  std::vector<std::string> got;
  for (const auto& offer : is.offers) {
    if (std::ranges::any_of(freed.offers, [&offer](const auto& old) { return old.id == offer.id; })) continue;
    freed.load[offer.kind] -= offer.weight;
    --freed.counts[offer.kind];
    got.push_back(offer.conversation);
  }
  const auto told = model_.hand_out(before_, freed);
  const auto missed =
      std::ranges::find_if(told.offers, [&got](const auto& id) { return std::ranges::find(got, id) == got.end(); });
  // With more than one offer at once others get some of it meanwhile.
  const bool right = model_.parallel > 1 ? missed != told.offers.begin() || told.offers.empty()
                                         : missed == told.offers.end() && got.size() == told.offers.size();
  if (!right) {
    wrong_.push_back(fmt::format("{} got {}, should get {}", agent, fmt::join(got, " "), fmt::join(told.offers, " ")));
  }
  if (model_.parallel == 1) expect("held is " + agent, told.held, is.held);
}

void Traffic::put_aside(const SeenConversation& c) {
  const bool pending = chance(50);
  const auto until = first_.now + (chance(50) ? 5000 : 50'000);
  auto arguments = by(c.owner);
  arguments["conversation"] = c.id;
  arguments["until"] = until;
  call(pending ? "pending" : "snooze", arguments);
  model_.put(c.id, pending ? "pending" : "snoozed", until);
  if (pending) model_.answered(c.id, std::nullopt);
}

void Traffic::transfer(const SeenConversation& c) {
  auto arguments = by(c.owner);
  arguments["conversation"] = c.id;
  const auto asks = classification();
  if (chance(50)) {
    arguments["class"] = asks;
  } else {
    auto to = any_agent();
    if (to == c.owner) return;
    arguments["to"] = to;
    arguments["timeout"] = 20'000;
  }
  call("transfer", arguments);
  model_.routed(c.id);
  if (arguments.contains("class")) model_.classified(c.id, asks, first_.now);
}

void Traffic::reply(const SeenConversation& c) {
  const auto message = fmt::format("m_{}", turn_);
  auto arguments = by(c.owner);
  arguments["conversation"] = c.id;
  arguments["key"] = message;
  arguments["message"] = message;
  arguments["channel"] = c.kind;
  std::optional<std::string> seen;
  if (chance(60)) {
    const auto& all = model_.messages().at(c.id);
    seen = chance(10) ? std::string("none") : one_of(all);
    arguments["seen"] = *seen;
  }
  call("reply", arguments);
  model_.answered(c.id, seen);
  model_.message(c.id, message);
  model_.owned(c.id, c.owner);
  if (chance(20)) call("reply", arguments);
}

void Traffic::start_one() {
  const auto number = fmt::format("{}", turn_);
  const auto agent = any_agent();
  auto arguments = by(agent);
  arguments["conversation"] = "c_" + number;
  arguments["message"] = "m_" + number;
  arguments["contact"] = "p_" + number;
  arguments["key"] = number;
  arguments["token"] = "t";
  arguments["channel"] = arguments["kind"] = "email";
  arguments["to"] = customer(below(60));
  arguments["class"] = classification();
  model_.classified("c_" + number, arguments["class"].as_object(), first_.now);
  call("start", arguments);
  model_.owned("c_" + number, agent);
  model_.message("c_" + number, "m_" + number);
}

void Traffic::end_one() {
  if (before_.conversations.empty()) return;
  const auto& id =
      std::next(before_.conversations.begin(), below(static_cast<int>(before_.conversations.size())))->first;
  const auto shown = store().call("read_conversation", {{"conversation", id}}).at("conversation").as_object();
  const auto& sender = shown.at("long").as_object().at("participants").as_array().at(0);
  call("end", {{"conversation", id}, {"sender", sender}});
  model_.put(id, "resolved", 0);
  model_.answered(id, std::nullopt);
}

void Traffic::change_presence() {
  const auto name = any_agent();
  const int dice = present_ && chance(70) ? 0 : below(100);
  auto arguments = by(name);
  if (dice < 55) {
    call("renew", {{"agent", name}, {"socket", "1"}});
    arguments["state"] = "available";
    call("presence", arguments);
  } else if (dice < 80) {
    static const std::vector<std::string> kStates{"busy", "break", "away"};
    arguments["state"] = one_of(kStates);
    arguments["reason"] = "tea";
    call("presence", arguments);
  } else if (dice < 92) {
    call("socket_gone", {{"agent", name}, {"socket", "1"}});
  } else {
    json::object shift{{"agent", name}};
    if (chance(70)) shift["on"] = true;
    call("shift", shift);
  }
}

void Traffic::renew_all() {
  acted_ = true;
  for (const auto& name : agents_) {
    if (chance(95)) store().call("renew", {{"agent", name}, {"socket", "1"}});
  }
}

// The store was down: nobody is judged for it.
void Traffic::stand_still() {
  acted_ = true;
  first_.call("timers", {{"gap", 5000}});
  const auto offers = before_.agents;
  first_.now += 300'000;
  second_.now = first_.now;
  const auto said = first_.call("timers", {{"gap", 5000}});
  if (!said.contains("issues")) wrong_.emplace_back("a gap went unseen");
  const auto after = look_at(first_);
  for (const auto& [name, agent] : offers) {
    for (const auto& offer : agent.offers) {
      const auto& now = after.agents.at(name).offers;
      const auto kept = std::ranges::any_of(now, [&](const auto& one) { return one.id == offer.id; });
      if (!kept && before_.now < offer.deadline && agent.taking) wrong_.push_back(offer.id + " ended in a gap");
    }
  }
}

}  // namespace peyk::test
