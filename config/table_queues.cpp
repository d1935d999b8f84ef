// The keys of skills and queues.
#include <chrono>

#include <fmt/format.h>

#include "config/demand_keys.h"
#include "config/tables.h"
#include "config/types.h"

namespace peyk::config {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Table<PreferStep>& prefer_table() {
  static const auto kTable = [] {
    Table<PreferStep> table;
    table.required("skills", skill_levels(), &PreferStep::skills, "levels insisted on");
    table.required("for", duration(milliseconds(100), days(30)), &PreferStep::insist_for,
                   "so long; the next step's time begins when this one ends");
    table.key(
        "unless",
        choice<DroppedWhenNone>({{"never", DroppedWhenNone::never},
                                 {"available", DroppedWhenNone::available},
                                 {"rostered", DroppedWhenNone::rostered}}),
        &PreferStep::unless,
        "dropped at once when no agent who has them is present (`available`) or in the roster at all (`rostered`)");
    return table;
  }();
  return kTable;
}

const Table<Ring>& ring_table() {
  static const auto kTable = [] {
    Table<Ring> table;
    table.required("queue", queue_name(), &Ring::queue, "whose agents may take it as well");
    table.required("after", duration(milliseconds(100), days(30)), &Ring::after, "it has waited so long");
    return table;
  }();
  return kTable;
}

const Table<Promise>& promise_table() {
  static const auto kTable = [] {
    Table<Promise> table("What a customer may count on; the clock runs as `promise_clock` says.");
    table.required("first_reply", duration(seconds(1), days(365)), &Promise::first_reply,
                   "to the first answer; also the scale of urgency");
    table.required("resolve", duration(seconds(1), days(365)), &Promise::resolve, "to the solution");
    return table;
  }();
  return kTable;
}

const Table<OfferRules>& offer_table() {
  static const auto kTable = [] {
    Table<OfferRules> table("How a conversation is offered to an agent.");
    table.key("timeout", duration(milliseconds(100), days(1)), &OfferRules::timeout, "then it goes to the next");
    table.key("cooldown", duration(seconds(0), days(1)), &OfferRules::cooldown,
              "until the same agent may be offered it again; doubles with each further miss of the pair");
    table.key("cooldown_max", duration(seconds(0), days(7)), &OfferRules::cooldown_max, "the longest cool-down");
    table.key("misses_before_away", integer(0, 100), &OfferRules::misses_before_away,
              "misses in a row after which an agent is set away; 0: never");
    table.key(
        "parallel", integer(1, 10), &OfferRules::parallel,
        "agents offered it at once; the first to accept has it. Were fewer free, or did one decline, those who come "
        "free are offered it too, once nothing waits that nobody was offered");
    return table;
  }();
  return kTable;
}

const Table<OverflowCondition>& overflow_condition_table() {
  static const auto kTable = [] {
    Table<OverflowCondition> table(
        "All that is named must hold. Without `after` it is looked at when a conversation comes into the queue, with "
        "it once the conversation has waited so long, and every minute from then on.");
    table.key("waiting", integer(1, 10'000'000), &OverflowCondition::waiting, "so many or more wait already")
        .by_default("not looked at");
    table
        .key("wait", duration(seconds(1), days(30)), &OverflowCondition::wait,
             "the estimated wait is so long or longer")
        .by_default("not looked at");
    table
        .key("hours", choice<bool>({{"closed", true}}), &OverflowCondition::hours_closed,
             "the queue's hours are closed")
        .by_default("not looked at");
    table
        .key("rostered", choice<bool>({{"none", true}}), &OverflowCondition::nobody_rostered,
             "no agent of the queue meets the demand")
        .by_default("not looked at");
    table
        .key("after", duration(milliseconds(100), days(30)), &OverflowCondition::after,
             "it has waited so long in this queue")
        .by_default("on arrival");
    return table;
  }();
  return kTable;
}

const Table<Overflow>& overflow_table() {
  static const auto kTable = [] {
    Table<Overflow> table("The first rule that holds is taken; either `to` or `answer`.");
    table.required("when", object(overflow_condition_table()), &Overflow::when, "what must hold");
    table.key("to", queue_name(), &Overflow::to, "it goes to this queue, and keeps its age").by_default("none");
    table.key("answer", texts(), &Overflow::answer, "the customer is told this, once, and it waits on")
        .by_default("none");
    return table;
  }();
  return kTable;
}

/// An overflow must say one thing to do, and something that must hold.
Type<Overflow> overflow_type() {
  auto type = object(overflow_table());
  type.read = [read = type.read](Context& context, const Node& node) {
    auto rule = read(context, node);
    if (rule && node.kind == Node::Kind::map) {
      const bool to = node.find("to") != nullptr;
      const bool answer = node.find("answer") != nullptr;
      if (to == answer) context.error(node.mark, "an overflow has either \"to\" or \"answer\"");
      const auto* when = node.find("when");
      if (when != nullptr && when->value->kind == Node::Kind::map && when->value->members.empty()) {
        context.error(when->value->mark, "this overflow would always hold: name a condition");
      }
    }
    return rule;
  };
  return type;
}

const Table<Queue>& queue_table() {
  static const auto kTable = [] {
    Table<Queue> table;
    table.required("promise", object(promise_table()), &Queue::promise, "see below");
    table.key("hours", hours_name(), &Queue::hours, "when it is open").by_default("always open");
    add_demand_keys(table, &Queue::demand);
    table.key("offer", object(offer_table()), &Queue::offer, "see below");
    table.key("wrap_up", duration(seconds(0), hours(8)), &Queue::wrap_up,
              "after a resolution, the agent keeps its weight so long");
    table
        .key("last_agent_within", duration(seconds(0), days(365)), &Queue::last_agent_within,
             "as `conversations.last_agent_within`, for this queue")
        .by_default("`conversations.last_agent_within`");
    table.key("overflow", list(overflow_type(), {.most = 32}), &Queue::overflow,
              "where it goes when it cannot be served");
    return table;
  }();
  return kTable;
}

struct Retired {
  QueueName move_to;
};

const Table<Retired>& retired_table() {
  static const auto kTable = [] {
    Table<Retired> table("Queues that are gone: what still waits in them, or comes back to them, goes elsewhere.");
    table.required("move_to", queue_name(), &Retired::move_to, "the queue that has their work now");
    return table;
  }();
  return kTable;
}

}  // namespace

Type<PreferStep> prefer_step_type() {
  return object(prefer_table());
}
Type<Ring> ring_type() {
  return object(ring_table());
}

Type<std::vector<SkillName>> skills_type() {
  Type<std::vector<SkillName>> type;
  type.name = "list of names";
  type.read = [](Context& context, const Node& node) -> std::optional<std::vector<SkillName>> {
    auto names = list(name_text()).read(context, node);
    if (!names) return std::nullopt;
    std::vector<SkillName> skills;
    for (auto& name : *names) {
      if (name == kLanguageSkill) {
        context.error(node.mark,
                      "\"language\" stands for a conversation's own language: name the languages themselves");
      }
      context.define(Reference::skill, name);
      skills.emplace_back(std::move(name));
    }
    return skills;
  };
  type.show = [](const std::vector<SkillName>&) { return std::string("[]"); };
  return type;
}

Type<std::map<QueueName, Queue>> queues_type() {
  return named<QueueName, Queue>(object(queue_table()), Reference::queue,
                                 [](Queue& queue, const QueueName& name, const Mark& mark) {
                                   queue.name = name;
                                   queue.place = to_place(mark);
                                 });
}

Type<std::map<QueueName, QueueName>> retired_queues_type() {
  Type<std::map<QueueName, QueueName>> type;
  type.name = "map of name to keys";
  type.tables = {retired_table().info()};
  type.inside = ".NAME";
  type.read = [](Context& context, const Node& node) -> std::optional<std::map<QueueName, QueueName>> {
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected names of queues, each with its move_to");
      return std::nullopt;
    }
    std::map<QueueName, QueueName> retired;
    for (const auto& member : node.members) {
      if (!is_name(member.key)) context.error(member.mark, fmt::format("\"{}\" is no name", member.key.substr(0, 60)));
      Retired value;
      retired_table().read(context, *member.value, value);
      retired.emplace(QueueName(member.key), value.move_to);
    }
    return retired;
  };
  return type;
}

}  // namespace peyk::config
