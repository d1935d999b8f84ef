// The keys of a profile.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "config/context.h"
#include "config/local_time.h"
#include "config/types.h"
#include "routing/simulation/profile.h"

namespace peyk::routing::simulation {
namespace {

using config::Context;
using config::Node;
using config::Table;
using config::Type;

constexpr auto kLongest = Milliseconds(std::chrono::days(30));
constexpr double kMostPerHour = 1'000'000;
constexpr int kDayMinutes = 24 * 60;

Type<Milliseconds> length() {
  return config::duration(Milliseconds(1), kLongest);
}

struct LognormalKeys {
  std::optional<Milliseconds> mean;
  std::optional<Milliseconds> median;
  Milliseconds p90{0};
};

const Table<Exponential>& exponential_table() {
  static const auto kTable = [] {
    Table<Exponential> table;
    table.labelled("exponential");
    table.required("mean", length(), &Exponential::mean, "the average");
    return table;
  }();
  return kTable;
}

const Table<LognormalKeys>& lognormal_table() {
  static const auto kTable = [] {
    Table<LognormalKeys> table("One of `mean` and `median`, and `p90`.");
    table.labelled("lognormal");
    table.key("mean", length(), &LognormalKeys::mean, "the average");
    table.key("median", length(), &LognormalKeys::median, "half of them take less");
    table.required("p90", length(), &LognormalKeys::p90,
                   "nine in ten take less; more than the median, or than the mean and at most 2.27 times as much");
    return table;
  }();
  return kTable;
}

std::optional<Spread> read_lognormal(Context& context, const Node& node) {
  LognormalKeys keys;
  lognormal_table().read(context, node, keys);
  if (keys.p90 == Milliseconds::zero()) return std::nullopt;
  if (keys.mean.has_value() == keys.median.has_value()) {
    context.error(node.mark, "lognormal takes p90 and one of mean and median");
    return std::nullopt;
  }
  const auto fitted = keys.mean ? lognormal_of_mean(*keys.mean, keys.p90) : lognormal_of_median(*keys.median, keys.p90);
  if (fitted) return *fitted;
  context.error(node.mark, fitted.error().message);
  return std::nullopt;
}

std::optional<Spread> read_spread(Context& context, const Node& node) {
  const auto* member = node.kind == Node::Kind::map && node.members.size() == 1 ? &node.members.front() : nullptr;
  const auto* fixed = node.kind == Node::Kind::scalar ? &node : nullptr;
  if (member != nullptr && member->key == "fixed") fixed = member->value.get();
  if (fixed != nullptr) {
    const auto value = length().read(context, *fixed);
    return value ? std::optional<Spread>(Fixed{*value}) : std::nullopt;
  }
  if (member != nullptr && member->key == "exponential") {
    Exponential spread;
    exponential_table().read(context, *member->value, spread);
    return spread;
  }
  if (member != nullptr && member->key == "lognormal") return read_lognormal(context, *member->value);
  context.error(node.mark,
                "expected a duration such as 5m, {exponential: {mean: 5m}}, {lognormal: {mean: 5m, p90: 9m}} or "
                "{fixed: 5m}");
  return std::nullopt;
}

/// The tables inside stand in the manual once, under `handling`.
Type<Spread> spread(bool described) {
  Type<Spread> type;
  type.name = "duration, or one of `exponential`, `lognormal`, `fixed`";
  type.read = read_spread;
  if (described) type.tables = {exponential_table().info(), lognormal_table().info()};
  return type;
}

Type<std::array<double, 24>> per_hour() {
  Type<std::array<double, 24>> type;
  type.name = "number, or list of 24";
  type.read = [](Context& context, const Node& node) -> std::optional<std::array<double, 24>> {
    std::array<double, 24> counts{};
    const auto count = config::decimal(0, kMostPerHour).read;
    if (node.kind == Node::Kind::scalar) {
      const auto value = count(context, node);
      if (!value) return std::nullopt;
      counts.fill(*value);
      return counts;
    }
    if (node.kind != Node::Kind::list || node.items.size() != counts.size()) {
      const auto given = node.kind == Node::Kind::list ? fmt::format(", not {}", node.items.size()) : std::string();
      context.error(node.mark, fmt::format("expected a number, or 24 of them, from midnight on{}", given));
      return std::nullopt;
    }
    bool right = true;
    for (std::size_t hour = 0; hour < counts.size(); ++hour) {
      const auto value = count(context, *node.items[hour]);
      right = right && value;
      counts[hour] = value.value_or(0);
    }
    return right ? std::optional(counts) : std::nullopt;
  };
  return type;
}

Type<std::map<std::string, std::string>> fields() {
  Type<std::map<std::string, std::string>> type;
  type.name = "map of field to text";
  type.read = [](Context& context, const Node& node) -> std::optional<std::map<std::string, std::string>> {
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected fields and their values, such as {product: cooler}");
      return std::nullopt;
    }
    std::map<std::string, std::string> values;
    for (const auto& member : node.members) {
      const auto* value = config::scalar(context, *member.value, "text");
      if (value != nullptr) values.emplace(member.key, *value);
    }
    return values;
  };
  return type;
}

const Table<Replies>& replies_table() {
  static const auto kTable = [] {
    Table<Replies> table(
        "The conversation goes to and fro: answered, its customer may write again, and then it takes another `handling` "
        "until he is answered. Meanwhile it weighs what conversations of its kind weigh that rest.");
    table.required("chance", config::decimal(0, 1), &Replies::chance, "that he writes again after an answer");
    table.required("after", spread(false), &Replies::after, "from the answer to his next message");
    table.key("most", config::integer(1, 100), &Replies::most, "so often at most");
    return table;
  }();
  return kTable;
}

const Table<Losses>& losses_table() {
  static const auto kTable = [] {
    Table<Losses> table(
        "Each agent's connection is lost at random while he is on shift; back again he goes on where he was, but for "
        "what was given to others meanwhile.");
    table.required("per_hour", config::decimal(0, 60), &Losses::per_hour, "how many are expected in an hour");
    table.required("for", spread(false), &Losses::length, "how long one lasts, at most until the end of the shift");
    return table;
  }();
  return kTable;
}

const Table<Stream>& stream_table() {
  static const auto kTable = [] {
    Table<Stream> table("Conversations of one sort: they come at random, so many an hour on average.");
    table.required("channel", config::channel_name(), &Stream::channel, "by which they come");
    table.key("queue", config::queue_name(), &Stream::queue, "into which they come").by_default("as the routes say");
    table.required("per_hour", per_hour(), &Stream::per_hour,
                   "how many are expected in each hour, from midnight on; one number: in every hour");
    table.required("handling", spread(true), &Stream::handling,
                   "from the acceptance to the solution; with `replies`, to each answer");
    table.key("patience", spread(false), &Stream::patience, "who has no answer by then leaves").by_default("for ever");
    table.key("replies", config::object(replies_table()), &Stream::replies, "see below")
        .by_default("the first answer is the solution");
    table.key("name", config::text(60), &Stream::name, "what reports call them, with a number").by_default("`channel`");
    table.key("fields", fields(), &Stream::fields, "what the form said; routes look at it").by_default("none");
    table.key("subject", config::text(300), &Stream::subject, "routes look at it");
    table.key("text", config::text(4000), &Stream::text, "routes look at it, and the language is found from it");
    table.key("language", config::language(), &Stream::language, "of the conversation")
        .by_default("found as for any message");
    return table;
  }();
  return kTable;
}

/// "09:00"; 24:00 is midnight at the end of the day.
Type<int> minute() {
  Type<int> type;
  type.name = "time such as 09:00";
  type.read = [](Context& context, const Node& node) -> std::optional<int> {
    const auto* given = config::scalar(context, node, "a time such as 09:00");
    if (given == nullptr) return std::nullopt;
    int hour = 0;
    int past = 0;
    const auto digits = [given](std::size_t at, int& value) {
      const auto* end = given->data() + at + 2;
      return (*given)[at] != '-' && std::from_chars(given->data() + at, end, value).ptr == end;
    };
    const bool form = given->size() == 5 && (*given)[2] == ':' && digits(0, hour) && digits(3, past);
    if (form && past < 60 && hour * 60 + past <= kDayMinutes) return hour * 60 + past;
    context.error(node.mark, fmt::format("\"{}\" is not a time such as 09:00", given->substr(0, 60)));
    return std::nullopt;
  };
  return type;
}

const Table<RotaEntry>& shift_table() {
  static const auto kTable = [] {
    Table<RotaEntry> table(
        "The same every day. Who is named twice is there at both times; a break is the time between two shifts.");
    table
        .key("agents", config::list(config::agent_name(), {.single_allowed = true}), &RotaEntry::agents,
             "who is there; or `queue` and `count`")
        .by_default("none");
    table.key("queue", config::queue_name(), &RotaEntry::queue, "as many of its agents as `count` says, by name")
        .by_default("none");
    table.key("count", config::integer(1, 100'000), &RotaEntry::count, "how many of the queue's agents")
        .by_default("none");
    table.required("from", minute(), [](RotaEntry& entry) -> int& { return entry.span.from; }, "when they begin");
    table.required(
        "to", minute(), [](RotaEntry& entry) -> int& { return entry.span.to; },
        "when they stop taking new work; before `from`: on the next day");
    return table;
  }();
  return kTable;
}

void check_shift(Context& context, const Node& node, const RotaEntry& entry) {
  const bool by_name = node.find("agents") != nullptr;
  const bool by_queue = node.find("queue") != nullptr;
  if (by_name == by_queue) {
    context.error(node.mark, "a shift names its agents, or a queue and a count");
  } else if (by_queue != (node.find("count") != nullptr)) {
    context.error(node.mark, by_queue ? "how many of the queue's agents? Say count" : "count goes with queue");
  }
  const bool timed = node.find("from") != nullptr && node.find("to") != nullptr;
  if (timed && entry.span.from == entry.span.to) context.error(node.mark, "it ends when it begins");
}

Type<RotaEntry> shift() {
  auto type = config::object(shift_table());
  type.read = [](Context& context, const Node& node) -> std::optional<RotaEntry> {
    RotaEntry entry;
    shift_table().read(context, node, entry);
    check_shift(context, node, entry);
    entry.place = config::to_place(node.mark);
    if (entry.span.to < entry.span.from) entry.span.to += kDayMinutes;
    return entry;
  };
  return type;
}

Type<config::CalendarDate> day() {
  Type<config::CalendarDate> type;
  type.name = "date";
  type.read = [](Context& context, const Node& node) -> std::optional<config::CalendarDate> {
    const auto* given = config::scalar(context, node, "a day such as 2027-03-21");
    if (given == nullptr) return std::nullopt;
    const auto date = config::parse_day(*given);
    if (date) return *date;
    context.error(node.mark, date.error().message);
    return std::nullopt;
  };
  return type;
}

}  // namespace

const Table<Profile>& profile_table() {
  static const auto kTable = [] {
    Table<Profile> table;
    table
        .key("date", day(), &Profile::date,
             "which day it is: opening hours and seasons depend on it; `--date` overrules it")
        .by_default("`--date`");
    table.key("timezone", config::timezone(), &Profile::timezone, "of its hours").by_default("the configuration's");
    table.key("accept_delay", config::duration(Milliseconds(0), std::chrono::hours(1)), &Profile::accept_delay,
              "from an offer to its acceptance");
    table.key("arrivals", config::list(config::object(stream_table())), &Profile::arrivals, "who comes")
        .by_default("required, but with `--trace`");
    table.key("shifts", config::list(shift()), &Profile::rota, "who works when")
        .by_default("everybody: in his `shift`, or all day");
    table.key("losses", config::object(losses_table()), &Profile::losses, "see below").by_default("connections hold");
    return table;
  }();
  return kTable;
}

}  // namespace peyk::routing::simulation
