#include "tests/support/traffic.h"

#include <algorithm>
#include <array>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "tests/support/rebuilt.h"

namespace peyk::test {
namespace {

const std::vector<std::string> kQueues{"service", "billing", "cooks"};
const std::vector<std::string> kSkills{"hy", "fa", "cooling"};
const std::vector<std::string> kKinds{"chat", "email", "form"};
const std::vector<std::string> kPriorities{"low", "normal", "high", "urgent"};
constexpr int kStory = 25;
constexpr std::size_t kMostOpen = 20;  // so that a look at all of it stays cheap

/// Identities of customers are few, so that they come back.
json::object customer(int number) {
  return {{"kind", "visitor"}, {"value", fmt::format("v{}", number)}, {"verified", true}};
}

}  // namespace

Traffic::Traffic(const redis::Endpoint& endpoint, std::uint64_t seed)
    : random_(seed), first_(endpoint), second_(endpoint), settings_(standard_settings()) {
  first_.command({"FLUSHALL"});
  set_up();
}

int Traffic::below(int limit) {
  return static_cast<int>(random_.next() % static_cast<std::uint64_t>(limit));
}

bool Traffic::chance(int percent) {
  return below(100) < percent;
}

Store& Traffic::store() {
  return chance(50) ? first_ : second_;
}

void Traffic::set_up() {
  auto& kinds = settings_["kinds"].as_object();
  kinds["email"].as_object()["max"] = 4;
  if (chance(50)) kinds["chat"].as_object()["interrupts"] = json::array{"email"};
  model_.exponent = chance(30) ? 2 : 1;
  settings_["urgency"].as_object()["exponent"] = model_.exponent;
  model_.parallel = chance(30) ? 2 : 1;
  write_settings();
  for (const auto& name : kQueues) {
    auto queue = standard_queue(name);
    queue["wrap_up"] = chance(50) ? 0 : 5000;
    queue["offer"].as_object()["parallel"] = model_.parallel;
    if (name == "cooks") {
      queue["overflow"] = json::array{json::object{{"waiting", 4}, {"to", {{"queue", "service"}, {"promise_s", 60}}}},
                                      json::object{{"after", 20'000}, {"to", {{"queue", "billing"}}}}};
    }
    first_.call("roster_queue", queue);
  }
  for (int i = 0; i < 6; ++i) agents_.push_back(fmt::format("agent-{}", i));
  for (const auto& name : agents_) write_agent(name);
  before_ = look_at(first_);
}

void Traffic::write_settings() {
  first_.call("roster_settings", settings_);
  for (const auto& [name, value] : settings_["kinds"].as_object()) {
    const auto& rules = value.as_object();
    KindModel kind{number_of(rules, "weight"), std::nullopt, {}};
    if (rules.contains("max")) kind.max = number_of(rules, "max");
    if (const auto* others = rules.if_contains("interrupts")) {
      for (const auto& other : others->as_array()) kind.interrupts.emplace_back(other.as_string());
    }
    model_.kinds[name] = std::move(kind);
  }
}

void Traffic::write_agent(const std::string& name) {
  json::object skills;
  for (const auto& skill : kSkills) {
    if (chance(70)) skills[skill] = 1 + below(5);
  }
  json::array queues;
  for (const auto& queue : kQueues) {
    if (chance(60)) queues.emplace_back(queue);
  }
  constexpr std::array kCapacities{100, 200, 300, 400, 600};
  store().call("roster_agent", {{"agent", name},
                                {"skills", skills},
                                {"queues", queues},
                                {"capacity", kCapacities.at(static_cast<std::size_t>(below(5)))}});
}

std::string Traffic::any_agent() {
  return agents_.at(static_cast<std::size_t>(below(static_cast<int>(agents_.size()))));
}

json::object Traffic::by(const std::string& agent) const {
  return {{"agent", agent}, {"actor", actor(agent)}};
}

std::string Traffic::attempt(std::string_view script, const json::object& arguments) {
  story_.push_back(fmt::format("{} {} {}", first_.now, script, json::serialize(arguments)));
  auto& by_whom = store();
  const auto reply = by_whom.raw(script, arguments, "{\"text\":\"x\"}");
  if (text_of(reply, "error") == "internal") wrong_.push_back(json::serialize(reply));
  return text_of(reply, "error");
}

json::object Traffic::call(std::string_view script, json::object arguments) {
  story_.push_back(fmt::format("{} {} {}", first_.now, script, json::serialize(arguments)));
  return store().call(script, std::move(arguments));
}

void Traffic::expect(const std::string& what, const std::string& expected, const std::string& found) {
  if (expected != found) wrong_.push_back(fmt::format("{}: expected '{}', found '{}'", what, expected, found));
}

std::vector<std::string> Traffic::step() {
  wrong_.clear();
  ++events_;
  pass_time();
  do_something();
  const auto after = look_at(first_);
  for (auto& one : model_.check(after, true)) wrong_.push_back(std::move(one));
  before_ = after;
  return wrong_;
}

void Traffic::pass_time() {
  constexpr std::array<std::int64_t, 6> kPauses{0, 0, 100, 1000, 3000, 9000};
  const auto pause = chance(1) ? 100'000 : kPauses.at(static_cast<std::size_t>(below(6)));
  if (pause == 0) return;
  first_.now += pause;
  second_.now = first_.now;
  store().settle();
  before_ = look_at(first_);
  for (auto& one : model_.check(before_, true)) wrong_.push_back(std::move(one));
}

void Traffic::do_something() {
  const int dice = below(1000);
  if (dice < 250 && before_.conversations.size() < kMostOpen) {
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
  json::object asks{{"queue", kQueues.at(static_cast<std::size_t>(below(3)))},
                    {"priority", kPriorities.at(static_cast<std::size_t>(below(4)))},
                    {"promise_s", chance(50) ? 60 : 600},
                    {"first_reply_by", first_.now + 60'000},
                    {"resolve_by", first_.now + 86'400'000}};
  const auto skill = [this] { return kSkills.at(static_cast<std::size_t>(below(3))); };
  if (chance(50)) asks["require"] = json::object{{skill(), 1 + below(5)}};
  if (chance(15)) {
    json::object prefer{{"skills", {{skill(), 2 + below(4)}}}, {"for", chance(50) ? 5000 : 20'000}};
    if (chance(50)) prefer["unless"] = chance(50) ? "available" : "rostered";
    asks["prefer"] = json::array{prefer};
  }
  if (chance(15)) {
    const auto ring = kQueues.at(static_cast<std::size_t>(below(3)));
    asks["rings"] = json::array{json::object{{"queue", ring}, {"after", chance(50) ? 0 : 15'000}}};
  }
  if (chance(10)) asks["bands"] = json::object{{skill(), json::array{4, 2}}};
  return asks;
}

void Traffic::arrive() {
  const auto number = fmt::format("{}", events_);
  const auto kind = kKinds.at(static_cast<std::size_t>(below(3)));
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
  if (events_ > 1 && chance(30)) arguments["hint"] = fmt::format("c_{}", std::max(1, events_ - below(60)));
  const auto reply = call("receive", arguments);
  const auto id = text_of(reply, "conversation");
  model_.message(id, "m_" + number);
  const auto was = before_.conversations.find(id);
  if (was == before_.conversations.end()) {
    model_.routed(id);
  } else if (was->second.state == "pending" || was->second.state == "snoozed") {
    model_.put(id, was->second.state, first_.now);
  }
  const bool plain = chance(40) && !asks.contains("bands") && !asks.contains("prefer") && !asks.contains("rings");
  if (!reply.contains("created") || !plain || model_.parallel > 1 || text_of(asks, "queue") == "cooks") return;
  const auto after = look_at(first_);
  const auto& c = after.conversations.at(id);
  if (c.last_agent.empty())
    expect("the agent for " + id, model_.best_agent(before_, c), c.offers.substr(c.offers.find('=') + 1));
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
  if (chance(60)) return;
  const auto after = look_at(first_);
  const auto& was = before_.agents.at(c.owner);
  const auto& is = after.agents.at(c.owner);
  const bool held = std::ranges::any_of(before_.agents, [](const auto& agent) { return !agent.second.held.empty(); });
  if (held || !was.taking || was.wrap_up != is.wrap_up || is.offers.size() == was.offers.size()) return;
  // What he got first is what is most urgent of what waited.
  auto freed = was;
  freed.load[c.kind] -= c.weight;
  freed.counts[c.kind] -= c.state == "snoozed" ? 0 : 1;
  const auto* best = model_.best_item(before_, freed);
  const auto got = std::ranges::any_of(
      is.offers, [&](const auto& offer) { return best != nullptr && offer.conversation == best->id; });
  if (!got) wrong_.push_back(fmt::format("{} did not get {}", c.owner, best == nullptr ? "nothing" : best->id));
}

void Traffic::put_aside(const SeenConversation& c) {
  const bool pending = chance(50);
  const auto until = first_.now + (chance(50) ? 5000 : 50'000);
  auto arguments = by(c.owner);
  arguments["conversation"] = c.id;
  arguments["until"] = until;
  call(pending ? "pending" : "snooze", arguments);
  model_.put(c.id, pending ? "pending" : "snoozed", until);
}

void Traffic::transfer(const SeenConversation& c) {
  auto arguments = by(c.owner);
  arguments["conversation"] = c.id;
  if (chance(50)) {
    arguments["class"] = classification();
  } else {
    auto to = any_agent();
    if (to == c.owner) return;
    arguments["to"] = to;
    arguments["timeout"] = 20'000;
  }
  call("transfer", arguments);
  model_.routed(c.id);
}

void Traffic::reply(const SeenConversation& c) {
  const auto message = fmt::format("m_{}", events_);
  auto arguments = by(c.owner);
  arguments["conversation"] = c.id;
  arguments["key"] = message;
  arguments["message"] = message;
  arguments["channel"] = c.kind;
  call("reply", arguments);
  model_.message(c.id, message);
  model_.owned(c.id, c.owner);
  if (chance(20)) call("reply", arguments);
}

void Traffic::start_one() {
  const auto number = fmt::format("{}", events_);
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
}

void Traffic::change_presence() {
  const auto name = any_agent();
  const int dice = below(100);
  auto arguments = by(name);
  if (dice < 55) {
    call("renew", {{"agent", name}, {"socket", "1"}});
    arguments["state"] = "available";
    call("presence", arguments);
  } else if (dice < 80) {
    constexpr std::array kStates{"busy", "break", "away"};
    arguments["state"] = kStates.at(static_cast<std::size_t>(below(3)));
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
  for (const auto& name : agents_) {
    if (chance(95)) store().call("renew", {{"agent", name}, {"socket", "1"}});
  }
}

void Traffic::change_roster() {
  const int dice = below(100);
  if (dice < 60) {
    write_agent(any_agent());
  } else if (dice < 80) {
    settings_["kinds"].as_object()["email"].as_object()["weight"] = chance(50) ? 100 : 200;
    write_settings();
  } else if (dice < 90) {
    leave_for_good(any_agent());
  } else if (const auto [agent, offer] = any_offer(); offer != nullptr) {
    call("withdraw", {{"conversation", offer->conversation}, {"actor", actor("mehri")}});
  }
}

void Traffic::leave_for_good(const std::string& agent) {
  for (const auto& id : before_.agents.at(agent).work) model_.routed(id);
  while (call("roster_remove_agent", {{"agent", agent}, {"limit", 2}}).contains("left")) {
  }
  write_agent(agent);
}

// The store was down: nobody is judged for it.
void Traffic::stand_still() {
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

std::vector<std::string> Traffic::audit() {
  std::vector<std::string> wrong;
  json::object arguments;
  while (true) {
    const auto reply = first_.call("audit", arguments);
    if (const auto* findings = reply.if_contains("findings")) wrong.push_back(json::serialize(*findings));
    const auto* cursor = reply.if_contains("cursor");
    if (cursor == nullptr) break;
    arguments["cursor"] = *cursor;
  }
  for (auto& one : compare_with_stream(first_, before_)) wrong.push_back(std::move(one));
  for (const auto& [id, ids] : model_.messages()) {
    if (!before_.conversations.contains(id)) continue;
    std::string found;
    std::string expected;
    for (const auto& message : ids) expected += message + " ";
    const auto page = first_.call("read_messages", {{"conversation", id}, {"limit", 1000}});
    for (const auto& message : page.at("messages").as_array()) found += text_of(message.as_object(), "id") + " ";
    if (found != expected) wrong.push_back(fmt::format("{} holds {}, acknowledged were {}", id, found, expected));
  }
  return wrong;
}

std::string Traffic::story() const {
  std::string text;
  const auto from = story_.size() > kStory ? story_.size() - kStory : 0;
  for (auto i = from; i < story_.size(); ++i) text += story_[i] + "\n";
  return text;
}

std::optional<std::string> run_traffic(const redis::Endpoint& endpoint, std::uint64_t seed, int events) {
  Traffic traffic(endpoint, seed);
  const auto report = [&](int event, const std::vector<std::string>& wrong) {
    auto text = fmt::format("PEYK_SEED={} event {}\n", seed, event);
    for (const auto& one : wrong) text += "  " + one + "\n";
    return text + traffic.story();
  };
  for (int event = 0; event < events; event += 2) {
    try {
      if (const auto wrong = traffic.step(); !wrong.empty()) return report(event, wrong);
      if (event % 100 != 98) continue;
      if (const auto wrong = traffic.audit(); !wrong.empty()) return report(event, wrong);
    } catch (const std::exception& error) {
      return report(event, {error.what()});
    }
  }
  return std::nullopt;
}

}  // namespace peyk::test
