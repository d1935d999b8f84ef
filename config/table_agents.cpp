// The keys of kinds, urgency and agents.
#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "config/tables.h"
#include "config/types.h"

namespace peyk::config {
namespace {

using std::chrono::days;
using std::chrono::seconds;

const Table<KindRules>& kind_table(ChannelKind self) {
  static const auto kTables = [] {
    std::array<Table<KindRules>, kChannelKinds> tables;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      Table<KindRules> table({}, default_kinds()[i]);
      table.key("weight", units(), &KindRules::weight, "of an agent's capacity that one conversation takes");
      table.key("dormant_weight", units(), &KindRules::dormant_weight, "while it waits for the customer")
          .by_default("`weight`");
      table.key("dormant_after", duration(seconds(0), days(30)), &KindRules::dormant_after,
                "it weighs less so long after the last message out");
      table.key("max", integer(1, 1000), &KindRules::max, "that one agent has at once")
          .by_default("no limit but capacity");
      table.key("interrupts", list(channel_kind(), {.single_allowed = true}), &KindRules::interrupts,
                "kinds whose load does not keep this one from an agent");
      tables[i] = std::move(table);
    }
    return tables;
  }();
  return kTables[static_cast<std::size_t>(self)];
}

/// One kind with its own defaults: dormant weighs as much as active unless said otherwise.
Type<KindRules> kind_type(ChannelKind self) {
  auto type = object(kind_table(self));
  type.read = [self](Context& context, const Node& node) {
    auto rules = kind_table(self).prototype();
    kind_table(self).read(context, node, rules);
    const auto* dormant = node.find("dormant_weight");
    if (dormant == nullptr) rules.dormant_weight = rules.weight;
    if (rules.dormant_weight > rules.weight) {
      context.error(dormant->value->mark, "a dormant conversation cannot weigh more than an active one");
    }
    for (const auto kind : rules.interrupts) {
      if (kind == self) context.error(node.find("interrupts")->value->mark, "a kind cannot interrupt itself");
    }
    return std::optional<KindRules>(std::move(rules));
  };
  return type;
}

using AllKinds = std::array<KindRules, kChannelKinds>;

const Table<AllKinds>& kinds_table() {
  static const auto kTable = [] {
    Table<AllKinds> table("What a conversation weighs, by channel kind.", default_kinds());
    for (const auto kind : {ChannelKind::email, ChannelKind::chat, ChannelKind::form}) {
      const auto index = static_cast<std::size_t>(kind);
      table.key(
          std::string(to_string(kind)), kind_type(kind), [index](AllKinds& all) -> KindRules& { return all[index]; },
          "conversations of this kind");
    }
    return table;
  }();
  return kTable;
}

const Table<Urgency>& urgency_table() {
  static const auto kTable = [] {
    Table<Urgency> table(
        "The most urgent conversation is served first: `value × (age ÷ promise) ^ exponent`. Age "
        "runs by the wall clock, open or closed; `peykd --check` says for each route after what age nothing "
        "passes it any more.");
    table.key("exponent", decimal(0.25, 4), &Urgency::exponent, "above 1, age beyond the promise counts more and more");
    static const auto kValues = [] {
      Table<std::array<double, kPriorities>> inner("What a conversation is worth, by priority.", Urgency{}.values);
      for (const auto priority : {Priority::low, Priority::normal, Priority::high, Priority::urgent}) {
        const auto index = static_cast<std::size_t>(priority);
        inner.key(
            std::string(to_string(priority)), decimal(0.001, 1000),
            [index](std::array<double, kPriorities>& all) -> double& { return all[index]; }, "its value");
      }
      return inner;
    }();
    table.key("values", object(kValues), &Urgency::values, "see below");
    return table;
  }();
  return kTable;
}

const Table<KindOverride>& kind_override_table() {
  static const auto kTable = [] {
    Table<KindOverride> table("What differs for this agent.");
    table.key("weight", units(), &KindOverride::weight, "of one conversation").by_default("`kinds.KIND.weight`");
    table.key("max", integer(0, 1000), &KindOverride::max, "at once; 0: none of this kind")
        .by_default("`kinds.KIND.max`");
    return table;
  }();
  return kTable;
}

Type<std::map<ChannelKind, KindOverride>> overrides_type() {
  Type<std::map<ChannelKind, KindOverride>> type;
  type.name = "map of kind to keys";
  type.tables = {kind_override_table().info()};
  type.inside = ".KIND";
  type.read = [](Context& context, const Node& node) -> std::optional<std::map<ChannelKind, KindOverride>> {
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected kinds, such as {chat: {max: 2}}");
      return std::nullopt;
    }
    std::map<ChannelKind, KindOverride> all;
    for (const auto& member : node.members) {
      Node key;
      key.kind = Node::Kind::scalar;
      key.text = member.key;
      key.mark = member.mark;
      const auto kind = channel_kind().read(context, key);
      KindOverride value;
      kind_override_table().read(context, *member.value, value);
      if (kind) all.emplace(*kind, value);
    }
    return all;
  };
  return type;
}

const Table<Agent>& agent_table() {
  static const auto kTable = [] {
    Table<Agent> table;
    table.required("name", text(200), &Agent::display_name, "what customers see");
    table.key("email", email_address(), &Agent::email, "his own address").by_default("none");
    table.key("password_hash_file", secret_file(), &Agent::password_hash, "made by `peykctl hash-password`")
        .by_default("cannot log in");
    table.key("role", choice<Role>({{"agent", Role::agent}, {"supervisor", Role::supervisor}, {"admin", Role::admin}}),
              &Agent::role, "what he may see and do");
    table.key("skills", skill_levels(), &Agent::skills, "his levels").by_default("none");
    table.key("queues", list(queue_name()), &Agent::queues, "that he serves");
    table.key("capacity", units(), &Agent::capacity, "how much he takes at once").by_default("4");
    table.key("kinds", overrides_type(), &Agent::kinds, "weights and limits of his own").by_default("as `kinds` says");
    table.key("shift", hours_name(), &Agent::shift, "outside of it he takes nothing new").by_default("none");
    table.key("supervisor", agent_name(), &Agent::supervisor, "who helps him; shown to both").by_default("none");
    return table;
  }();
  return kTable;
}

}  // namespace

std::array<KindRules, kChannelKinds> default_kinds() {
  std::array<KindRules, kChannelKinds> kinds;
  kinds[static_cast<std::size_t>(ChannelKind::chat)].dormant_after = std::chrono::minutes(2);
  return kinds;
}

Type<AllKinds> kinds_type() {
  return object(kinds_table());
}
Type<Urgency> urgency_type() {
  return object(urgency_table());
}

Type<std::map<AgentName, Agent>> agents_type() {
  return named<AgentName, Agent>(object(agent_table()), Reference::agent,
                                 [](Agent& agent, const AgentName& name, const Mark& mark) {
                                   agent.name = name;
                                   agent.place = to_place(mark);
                                 });
}

}  // namespace peyk::config
