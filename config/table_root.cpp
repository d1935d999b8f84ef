// The top-level keys.
#include <utility>

#include "config/tables.h"
#include "config/types.h"

namespace peyk::config {
namespace {

void add_operation(Table<Config>& table) {
  table.custom(
      KeyInfo{"version", "`1`", "required", "of this format", true, {}, {}},
      [](Context& context, const Node& node, Config&) {
        if (node.kind == Node::Kind::scalar && node.text == "1") return;
        context.error(node.mark, "this program reads version 1 of the format: write \"version: 1\"");
      },
      true);
  table.key("desk", name_text(), &Config::desk, "stands in every key of this desk in Redis").at_restart();
  table.key("state_dir", file_path(), &Config::state_dir, "files of the daemon; relative: to where it is started")
      .at_restart();
  table.key("timezone", timezone(), &Config::timezone, "of the dates in `when`");
  table.key("locale", language(), &Config::locale, "the language of texts where nothing better is known");
  table.required("redis", redis_type(), &Config::redis, "see below");
  table.key("http", http_type(), &Config::http, "see below");
  table.key("log", log_type(), &Config::log, "see below");
}

void add_routing(Table<Config>& table) {
  table.required("channels", channels_type(), &Config::channels, "ways in and out, by name");
  table.key("hours", hours_type(), &Config::hours, "opening hours, by name").by_default("none");
  table.key("skills", skills_type(), &Config::skills, "every skill there is, languages included");
  table.required("queues", queues_type(), &Config::queues, "departments, by name");
  table.key("retired_queues", retired_queues_type(), &Config::retired_queues, "queues that are gone")
      .by_default("none");
  table.key("kinds", kinds_type(), &Config::kinds, "see below");
  table.key("urgency", urgency_type(), &Config::urgency, "see below");
  table.required("routes", routes_type(), &Config::routes, "which queue a conversation goes to");
  table.required("agents", agents_type(), &Config::agents, "the people, by the name they log in with");
}

void add_times(Table<Config>& table) {
  table.key("presence", presence_type(), &Config::presence, "see below");
  table.key("conversations", conversations_type(), &Config::conversations, "see below");
  table.key("promise_clock",
            choice<PromiseClock>({{"open_hours", PromiseClock::open_hours}, {"always", PromiseClock::always}}),
            &Config::promise_clock, "whether a promise runs while its queue is closed");
  table.key("sessions", sessions_type(), &Config::sessions, "see below");
  table.key("outbox", outbox_type(), &Config::outbox, "see below");
  table.key("events", events_type(), &Config::events, "see below");
  table.key("status_page", status_page_type(), &Config::status_page, "see below");
  table.key("texts", system_texts_type(), &Config::texts, "see below");
}

}  // namespace

const Table<Config>& config_table() {
  static const auto kTable = [] {
    Config prototype;
    prototype.kinds = default_kinds();
    Table<Config> table({}, std::move(prototype));
    add_operation(table);
    add_routing(table);
    add_times(table);
    return table;
  }();
  return kTable;
}

}  // namespace peyk::config
