#include "tests/support/store.h"

#include <chrono>
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "routing/store/runner.h"
#include "routing/store/whole_text.h"

namespace peyk::test {
namespace {

const redis::Script& script_of(std::string_view name) {
  for (const auto& script : routing::store::all_scripts()) {
    if (script.name == name) return script;
  }
  throw std::logic_error(fmt::format("no script {}", name));
}

redis::Reply take(Result<redis::Reply> reply) {
  if (!reply) throw std::runtime_error(reply.error().message);
  return std::move(*reply);
}

void merge(json::object& into, json::object from) {
  for (auto& [name, value] : from) into[name] = std::move(value);
}

}  // namespace

Store::Store(const redis::Endpoint& endpoint, std::string desk) : desk_(std::move(desk)) {
  redis::ClientOptions options{.endpoint = endpoint};
  options.timeout = std::chrono::seconds(20);
  client_ = redis::create_client(loop_.executor(), options);
  client_->start(routing::store::all_scripts());
  if (!loop_.run(client_->wait_connected(std::chrono::seconds(10)))) throw std::runtime_error(client_->last_error());
}

Store::~Store() {
  loop_.run(client_->stop());
}

json::object Store::raw(std::string_view script, json::object arguments, std::string body, std::string not_after,
                        std::string config) {
  std::vector<std::string> argv{std::to_string(now), std::move(not_after), std::move(config),
                                json::serialize(arguments), std::move(body)};
  if (!caller.empty()) argv.push_back(caller);
  const auto reply = take(loop_.run(client_->eval(script_of(script), {key("meta")}, std::move(argv))));
  return json::parse(routing::store::whole_text(reply).text).as_object();
}

json::object Store::call(std::string_view script, json::object arguments, std::string body) {
  const auto asked = json::serialize(arguments);
  auto reply = raw(script, std::move(arguments), std::move(body));
  auto* ok = reply.if_contains("ok");
  if (ok == nullptr) throw std::runtime_error(fmt::format("{} {}: {}", script, asked, json::serialize(reply)));
  return std::move(ok->as_object());
}

json::object Store::refusal(std::string_view script, json::object arguments) {
  auto reply = raw(script, std::move(arguments), "{}");
  if (!reply.contains("error")) throw std::runtime_error(fmt::format("{} was not refused", script));
  return reply;
}

json::array Store::audit(json::object arguments) {
  json::array findings;
  while (true) {
    auto reply = call("audit", arguments);
    if (auto* some = reply.if_contains("findings")) {
      for (auto& one : some->as_array()) findings.push_back(std::move(one));
    }
    const auto* cursor = reply.if_contains("cursor");
    if (cursor == nullptr) return findings;
    arguments["cursor"] = *cursor;
  }
}

redis::Reply Store::command(std::vector<std::string> words) {
  return take(loop_.run(client_->call(std::move(words))));
}

redis::Reply Store::eval(const std::string& text, std::vector<std::string> arguments) {
  redis::Command words{"EVAL", text, "1", key("meta")};
  for (auto& argument : arguments) words.push_back(std::move(argument));
  return command(std::move(words));
}

void Store::settle() {
  for (int i = 0; i < 10'000; ++i) {
    const auto done = call("timers");
    if (done.contains("issues")) throw std::runtime_error(json::serialize(done));
    if (number_of(done, "done") == 0) return;
  }
  throw std::runtime_error("time never comes to rest");
}

void Store::pass(std::int64_t milliseconds) {
  now += milliseconds;
  settle();
}

json::object standard_settings() {
  return json::parse(R"({
    "presence": {"lease": 20000, "grace": 30000, "reassign_after": 120000},
    "conversations": {"reopen_within": 604800000, "last_agent_within": 2592000000, "pending_for": 259200000,
                      "keep_delivery_keys": 2592000000},
    "urgency": {"exponent": 1, "values": {"low": 0.5, "normal": 1, "high": 2, "urgent": 4}},
    "kinds": {"chat": {"weight": 200, "dormant_weight": 50, "dormant_after": 300000, "max": 3},
              "email": {"weight": 100, "dormant_weight": 100}, "form": {"weight": 100, "dormant_weight": 100}},
    "keep_events": 604800000})")
      .as_object();
}

json::object standard_queue(std::string_view name) {
  return {{"queue", name},
          {"promise_s", 120},
          {"wrap_up", 0},
          {"offer",
           {{"timeout", 30000},
            {"cooldown", 60000},
            {"cooldown_max", 600000},
            {"misses_before_away", 3},
            {"parallel", 1}}}};
}

json::object actor(std::string_view name) {
  return {{"kind", "agent"}, {"name", name}};
}

StoreFixture::StoreFixture() {
  store.call("roster_settings", standard_settings());
  for (const auto* queue : {"service", "billing"}) store.call("roster_queue", standard_queue(queue));
}

void StoreFixture::add(const RosterAgent& agent) {
  json::array queues;
  for (const auto& queue : agent.queues) queues.emplace_back(queue);
  json::object arguments{{"agent", agent.name},
                         {"name", agent.name},
                         {"skills", agent.skills},
                         {"queues", queues},
                         {"capacity", agent.capacity}};
  if (!agent.kinds.empty()) arguments["kinds"] = agent.kinds;
  store.call("roster_agent", arguments);
}

void StoreFixture::available(std::string_view agent) {
  store.call("renew", {{"agent", agent}, {"socket", "1"}});
  store.call("presence", {{"agent", agent}, {"actor", actor(agent)}, {"state", "available"}});
}

void StoreFixture::available(const RosterAgent& agent) {
  add(agent);
  available(agent.name);
}

json::object StoreFixture::arrive(std::string_view kind, json::object asks, json::object with) {
  const auto number = std::to_string(++count_);
  json::object asked{{"queue", "service"},
                     {"priority", "normal"},
                     {"promise_s", 120},
                     {"first_reply_by", store.now + 120'000},
                     {"resolve_by", store.now + 86'400'000}};
  merge(asked, std::move(asks));
  json::object arguments{{"conversation", "c_" + number},
                         {"message", "m_" + number},
                         {"contact", "p_" + number},
                         {"token", "secret"},
                         {"delivery_key", "key-" + number},
                         {"channel", kind},
                         {"kind", kind},
                         {"sender", {{"kind", "email"}, {"value", "customer-" + number + "@x.example"}}},
                         {"class", asked}};
  merge(arguments, std::move(with));
  return store.call("receive", arguments);
}

json::object StoreFixture::accept(std::string_view agent, std::string_view offer) {
  return store.call("accept", {{"agent", agent}, {"actor", actor(agent)}, {"offer", offer}});
}

std::vector<std::string> StoreFixture::offers(std::string_view name) {
  std::vector<std::string> list;
  const auto found = agent(name);
  if (const auto* member = found.if_contains("offers")) {
    for (const auto& offer : member->as_array()) list.emplace_back(offer.as_string());
  }
  return list;
}

std::string StoreFixture::offered_to(std::string_view conversation) {
  const auto agents = store.call("read_agents");
  const auto* list = agents.if_contains("agents");
  if (list == nullptr) return {};
  for (const auto& value : list->as_array()) {
    const auto name = text_of(value.as_object(), "agent");
    for (const auto& offer : offers(name)) {
      const auto seen = store.call("read_offer", {{"offer", offer}});
      if (text_of(seen.at("offer").as_object(), "conversation") == conversation) return name;
    }
  }
  return {};
}

std::string StoreFixture::taken(json::object asks, std::string_view kind) {
  const auto id = text_of(arrive(kind, std::move(asks)), "conversation");
  const auto who = offered_to(id);
  if (who.empty()) throw std::runtime_error("nobody was free for " + id);
  accept(who, offers(who).back());
  return id;
}

json::object StoreFixture::conversation(std::string_view id) {
  return store.call("read_conversation", {{"conversation", id}}).at("conversation").as_object();
}

json::object StoreFixture::agent(std::string_view name) {
  return store.call("read_agent", {{"agent", name}}).at("agent").as_object();
}

std::string StoreFixture::state(std::string_view id) {
  return text_of(conversation(id), "state");
}

json::object StoreFixture::by_owner(std::string_view script, std::string_view id, json::object more) {
  const auto owner = text_of(conversation(id), "agent");
  json::object arguments{{"conversation", id}, {"agent", owner}, {"actor", actor(owner)}};
  merge(arguments, std::move(more));
  return store.call(script, arguments);
}

json::array StoreFixture::audit(bool repair) {
  return store.audit(repair ? json::object{{"repair", true}} : json::object());
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::int64_t number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

}  // namespace peyk::test
