#include "tests/support/desk_state.h"

#include <boost/json/parse.hpp>

namespace peyk::test {
namespace {

constexpr const char* kLook = R"lua(
local call, P = redis.call, KEYS[1]:sub(1, -5)
local function hash(key)
  local flat, h = call('HGETALL', key), {}
  for i = 1, #flat, 2 do h[flat[i]] = flat[i + 1] end
  return h
end
local function record(key)
  local packed = call('GET', key)
  return packed and cmsgpack.unpack(packed) or {}
end
local next_as_a_rule = {waiting = 'router', offered = 'agent', active = 'agent', pending = 'customer', snoozed = 'timer'}
local function conversation(id)
  local packed = call('LINDEX', P .. 'c:' .. id, 0)
  local c = packed and cmsgpack.unpack(packed) or {}
  for _, field in ipairs({'ag', 'nx', 'us', 'du'}) do c[field] = c[field] and c[field] + c.cr end
  if c.na == nil then c.na = next_as_a_rule[c.st] end
  c.pr = c.pr or 'normal'
  return c
end
local function scores(key)
  local flat, h = call('ZRANGE', key, 0, -1, 'WITHSCORES'), {}
  for i = 1, #flat, 2 do h[flat[i]] = flat[i + 1] end
  return h
end
local offset = tonumber(call('HGET', KEYS[1], 'offset') or 0)
local out = {c = {}, a = {}}
local queues = call('HKEYS', P .. 'queues')
local lanes = {}
for _, q in ipairs(queues) do
  for class in pairs(scores(P .. 'busy:' .. q)) do
    for text in pairs(scores(P .. 'heads:' .. q .. ':' .. class)) do
      for id in pairs(scores(P .. 'lane:' .. q .. ':' .. class .. ':' .. text)) do lanes[id] = (lanes[id] or 0) + 1 end
    end
  end
end
for _, name in ipairs(call('ZRANGE', P .. 'agents', 0, -1)) do
  local a = record(P .. 'a:' .. name)
  a.work, a.offers = call('ZRANGE', P .. 'work:' .. name, 0, -1), {}
  for id in pairs(scores(P .. 'offers:' .. name)) do
    local o = record(P .. 'o:' .. id)
    o.id, o.by, o.dec = id, (o.dec or ''):match('"by":"(%a+)"'), nil
    local deadline = call('ZSCORE', P .. 'timers:fast', 'o|' .. id)
    o.deadline = deadline and tonumber(deadline) + offset or 0
    table.insert(a.offers, o)
  end
  a.wrap, a.cool = hash(P .. 'wrap:' .. name), scores(P .. 'cool:' .. name)
  for id in pairs(scores(P .. 'own:' .. name)) do lanes[id] = (lanes[id] or 0) + 1 end
  out.a[name] = a
end
for _, q in ipairs(queues) do
  for _, state in ipairs({'waiting', 'offered', 'active', 'pending', 'snoozed'}) do
    for _, kind in ipairs({'chat', 'email', 'form'}) do
      for _, id in ipairs(call('ZRANGE', P .. 'in:' .. state .. ':' .. q .. ':' .. kind, 0, -1)) do
        local c = conversation(id)
        c.lanes = lanes[id] or 0
        out.c[id] = c
      end
    end
  end
end
return cjson.encode(out)
)lua";

std::int64_t whole(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return 0;
  if (value->is_number()) return value->to_number<std::int64_t>();
  return static_cast<std::int64_t>(std::stod(std::string(value->as_string())));
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::string part;
  for (const char letter : text + at) {
    if (letter != at) {
      part += letter;
    } else if (!part.empty()) {
      parts.push_back(std::move(part));
      part.clear();
    }
  }
  return parts;
}

SeenConversation read_conversation(std::string id, const json::object& c) {
  return {.id = std::move(id),
          .state = text_of(c, "st"),
          .queue = text_of(c, "q"),
          .kind = text_of(c, "k"),
          .priority = text_of(c, "pr"),
          .demand = text_of(c, "d"),
          .owner = text_of(c, "ow"),
          .own_lane = text_of(c, "own"),
          .offers = text_of(c, "of"),
          .next_actor = text_of(c, "na"),
          .last_agent = text_of(c, "la"),
          .outcome = text_of(c, "out"),
          .created_at = whole(c, "cr"),
          .unanswered_since = whole(c, "us"),
          .first_replied_at = whole(c, "fr"),
          .due = whole(c, "du"),
          .promise_s = whole(c, "ps"),
          .age_at = whole(c, "ag"),
          .next_at = whole(c, "nx"),
          .weight = whole(c, "w"),
          .messages = whole(c, "n"),
          .dormant = text_of(c, "dm") == "1",
          .lanes = static_cast<int>(whole(c, "lanes"))};
}

void read_lists(const json::object& a, SeenAgent& agent) {
  if (const auto* offers = a.at("offers").if_array()) {
    for (const auto& value : *offers) {
      const auto& o = value.as_object();
      agent.offers.push_back(
          {text_of(o, "id"), text_of(o, "c"), text_of(o, "k"), whole(o, "w"), whole(o, "deadline"), text_of(o, "by")});
    }
  }
  if (const auto* work = a.at("work").if_array()) {
    for (const auto& id : *work) agent.work.emplace_back(id.as_string());
  }
  for (const auto& [id, value] : a.at("wrap").as_object()) {
    const auto parts = split(std::string(value.as_string()), ' ');
    agent.wrap_up[parts.at(0)] += std::stoll(parts.at(1));
  }
  for (const auto& [id, until] : a.at("cool").as_object()) {
    agent.cooled[id] = static_cast<std::int64_t>(std::stod(std::string(until.as_string())));
  }
}

SeenAgent read_agent(std::string name, const json::object& a) {
  SeenAgent agent;
  agent.name = std::move(name);
  for (const auto& skill : split(text_of(a, "sk"), ',')) {
    const auto parts = split(skill, '=');
    agent.skills[parts.at(0)] = std::stoi(parts.at(1));
  }
  agent.queues = split(text_of(a, "qs"), ',');
  agent.capacity = whole(a, "cap");
  agent.idle_at = whole(a, "idle");
  agent.presence = text_of(a, "p");
  agent.taking = agent.presence == "available" && text_of(a, "con") == "1" && text_of(a, "off") != "1";
  agent.lost = text_of(a, "lost") == "1";
  agent.held = text_of(a, "hold");
  for (const auto* kind : {"chat", "email", "form"}) {
    agent.load[kind] = whole(a, std::string("l.") + kind);
    agent.counts[kind] = whole(a, std::string("n.") + kind);
  }
  read_lists(a, agent);
  return agent;
}

}  // namespace

DeskState look_at(Store& store) {
  const auto seen = json::parse(store.eval(kLook).text);
  DeskState state;
  state.now = store.now;
  const auto& root = seen.as_object();
  for (const auto& [id, value] : root.at("c").as_object()) {
    state.conversations.emplace(id, read_conversation(std::string(id), value.as_object()));
  }
  for (const auto& [name, value] : root.at("a").as_object()) {
    state.agents.emplace(name, read_agent(std::string(name), value.as_object()));
  }
  for (const auto& [id, c] : state.conversations) {
    const auto owner = state.agents.find(c.owner);
    if (c.dormant && owner != state.agents.end()) owner->second.asleep[c.kind] += c.weight;
  }
  return state;
}

}  // namespace peyk::test
