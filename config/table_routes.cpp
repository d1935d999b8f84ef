// The keys of routes and of what they look at.
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "config/demand_keys.h"
#include "config/tables.h"
#include "config/types.h"

namespace peyk::config {
namespace {

using std::chrono::days;
using std::chrono::seconds;

using HoursConditions = std::vector<std::pair<HoursName, bool>>;

/// `hours: tehran` (open), or `hours: {tehran: closed}`.
Type<HoursConditions> hours_condition() {
  Type<HoursConditions> type;
  type.name = "name of hours, or map of name to `open` \\| `closed`";
  type.read = [](Context& context, const Node& node) -> std::optional<HoursConditions> {
    HoursConditions conditions;
    if (node.kind == Node::Kind::scalar) {
      auto name = hours_name().read(context, node);
      if (name) conditions.emplace_back(std::move(*name), true);
      return conditions;
    }
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected the name of hours, or {NAME: open} or {NAME: closed}");
      return std::nullopt;
    }
    for (const auto& member : node.members) {
      context.refer(Reference::hours, member.key, member.mark);
      const auto open = choice<bool>({{"open", true}, {"closed", false}}).read(context, *member.value);
      if (open) conditions.emplace_back(HoursName(member.key), *open);
    }
    return conditions;
  };
  return type;
}

const Table<When>& when_table() {
  static const auto kTable = [] {
    constexpr ListRules kAny{.single_allowed = true, .most = 1000};
    Table<When> table(
        "All that is named must hold; where a key has a list, one of it. A pattern matches anywhere in the text, as "
        "RE2 "
        "reads it.");
    table.key("channel", list(channel_name(), kAny), &When::channels, "the channel it came through").by_default("any");
    table.key("kind", list(channel_kind(), kAny), &When::kinds, "the channel's kind").by_default("any");
    table.key("subject", pattern(), &When::subject, "its subject").by_default("any");
    table.key("text", pattern(), &When::text, "its text").by_default("any");
    table.key("sender", pattern(), &When::sender, "the sender's address, or name where there is none")
        .by_default("any");
    table.key("language", list(language(), kAny), &When::languages, "its language").by_default("any");
    table.key("contact_tag", list(text(100), kAny), &When::contact_tags, "a tag of the contact").by_default("any");
    table
        .key("date", list(date_range(), kAny), &When::dates,
             "today, in the top-level `timezone`: the season, such as `05-01..09-30` or `persian:03-01..06-31`")
        .by_default("any");
    table.key("hours", hours_condition(), &When::hours, "these hours are open, or closed").by_default("any");
    table.prefixed("field.", KeyInfo{"field.NAME", "one or a list of text", "any", "a field of the form", true, {}, {}},
                   [](Context& context, const std::string& name, const Member& member, When& into) {
                     auto values =
                         list(text(), ListRules{.single_allowed = true, .most = 1000}).read(context, *member.value);
                     if (values) into.fields[name] = std::move(*values);
                   });
    return table;
  }();
  return kTable;
}

/// A route's own promise: either part alone may be given.
struct PartialPromise {
  std::optional<Duration> first_reply;
  std::optional<Duration> resolve;
};

const Table<PartialPromise>& partial_promise_table() {
  static const auto kTable = [] {
    Table<PartialPromise> table;
    table.key("first_reply", duration(seconds(1), days(365)), &PartialPromise::first_reply, "to the first answer")
        .by_default("the queue's");
    table.key("resolve", duration(seconds(1), days(365)), &PartialPromise::resolve, "to the solution")
        .by_default("the queue's");
    return table;
  }();
  return kTable;
}

const Table<Route>& route_table() {
  static const auto kTable = [] {
    Table<Route> table("The first route that matches is taken; the last one must match everything.");
    table.key("name", text(100), &Route::name, "for explanations").by_default("`route N`");
    table.key("when", object(when_table()), &Route::when, "what it matches").by_default("everything");
    table.required("queue", queue_name(), &Route::queue, "where it goes");
    add_demand_keys(table, &Route::demand);
    auto promise = object(partial_promise_table());
    table.custom(KeyInfo{"promise", promise.name, "the queue's", "instead of the queue's", true, promise.tables, {}},
                 [](Context& context, const Node& node, Route& into) {
                   PartialPromise own;
                   partial_promise_table().read(context, node, own);
                   into.first_reply = own.first_reply;
                   into.resolve = own.resolve;
                 });
    table.key("priority",
              choice<Priority>({{"low", Priority::low},
                                {"normal", Priority::normal},
                                {"high", Priority::high},
                                {"urgent", Priority::urgent}}),
              &Route::priority, "how much it is worth; see `urgency`");
    return table;
  }();
  return kTable;
}

}  // namespace

bool When::matches_everything() const {
  return channels.empty() && kinds.empty() && fields.empty() && !subject && !text && !sender && languages.empty() &&
         contact_tags.empty() && dates.empty() && hours.empty();
}

Type<std::vector<Route>> routes_type() {
  auto one = object(route_table());
  one.read = [read = one.read](Context& context, const Node& node) {
    auto route = read(context, node);
    if (route) route->place = to_place(node.mark);
    return route;
  };
  auto type = list(one, {.most = 10'000});
  type.read = [read = type.read](Context& context, const Node& node) {
    auto routes = read(context, node);
    for (std::size_t at = 0; routes && at < routes->size(); ++at) {
      if ((*routes)[at].name.empty()) (*routes)[at].name = fmt::format("route {}", at + 1);
    }
    return routes;
  };
  return type;
}

}  // namespace peyk::config
