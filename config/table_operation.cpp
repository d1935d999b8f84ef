// The keys that say how the daemon runs: store, front door, log, and the times of what it keeps.
#include <chrono>

#include "config/tables.h"
#include "config/types.h"

namespace peyk::config {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kKiB = std::uint64_t{1} << 10U;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

const Table<Redis>& redis_table() {
  static const auto kTable = [] {
    Table<Redis> table("Where the store is: either `url` or `embedded: true`.");
    table.key("url", text(), &Redis::url, "`redis://HOST:PORT/DB`, `rediss://…` (TLS) or `unix:///PATH`").at_restart();
    table.key("embedded", boolean(), &Redis::embedded, "start a private `redis-server` in `state_dir`").at_restart();
    table.key("user", text(), &Redis::user, "ACL user; empty: Redis's default user").at_restart();
    table.key("password_file", secret_file(), &Redis::password, "the password").by_default("none").at_restart();
    table.key("ca_file", file_path(), &Redis::ca_file, "PEM roots for `rediss`; empty: the system's").at_restart();
    table
        .key(
            "durability",
            choice<Durability>(
                {{"disk", Durability::disk}, {"relaxed", Durability::relaxed}, {"replicated", Durability::replicated}}),
            &Redis::durability,
            "what an acknowledged message survives: `disk` power loss, `relaxed` all but the last second before one, "
            "`replicated` also the loss of the store's host")
        .at_restart();
    table.key("replicas", integer(1, 10), &Redis::replicas, "with `replicated`: how many must have a write")
        .at_restart();
    table.key("timeout", duration(milliseconds(50), minutes(1)), &Redis::timeout, "of one call").at_restart();
    return table;
  }();
  return kTable;
}

const Table<HttpLimits>& http_limits_table() {
  static const auto kTable = [] {
    Table<HttpLimits> table;
    table.key("body", size(kKiB, 1024 * kMiB), &HttpLimits::body_bytes, "of a request; more is answered 413");
    table.key("header", size(kKiB, kMiB), &HttpLimits::header_bytes, "of a request; more is answered 431");
    table.key("request_time", duration(seconds(1), minutes(10)), &HttpLimits::request_time,
              "from a request's first byte to its last; a second more for each 16 KiB that "
              "has come, and so for an answer, unless it stands still");
    table.key("idle_time", duration(seconds(1), hours(1)), &HttpLimits::idle_time, "between requests of a connection");
    table.key("connections", integer(1, 1'000'000), &HttpLimits::connections,
              "at once; more are answered 503. One IPv4 address or IPv6 /64 network has a "
              "twentieth of them, 64 at least; trusted proxies and this machine itself have no such share");
    return table;
  }();
  return kTable;
}

const Table<Http>& http_table() {
  static const auto kTable = [] {
    Table<Http> table(
        "The front door of customers and agents. Without it only mail comes in, and no agent can log in.");
    table
        .key("listen", list(listen_address(), {.single_allowed = true, .most = 32}), &Http::listen,
             "where to listen; put a web server with TLS before it")
        .at_restart();
    table.key("public_url", public_url(), &Http::public_url, "under which customers reach it; for links")
        .by_default("`http://` and the first `listen`");
    table.key("trusted_proxies", list(network()), &Http::trusted_proxies,
              "whose `X-Forwarded-For` and `X-Forwarded-Proto` count");
    table.key("limits", object(http_limits_table()), &Http::limits, "what one client may take");
    return table;
  }();
  return kTable;
}

const Table<Log>& log_table() {
  static const auto kTable = [] {
    Table<Log> table;
    table.key("level",
              choice<LogLevel>({{"trace", LogLevel::trace},
                                {"debug", LogLevel::debug},
                                {"info", LogLevel::info},
                                {"warning", LogLevel::warning},
                                {"error", LogLevel::error}}),
              &Log::level, "the least severe that is written");
    table.key("format", choice<LogFormat>({{"text", LogFormat::text}, {"json", LogFormat::json}}), &Log::format,
              "`key=value` lines, or one JSON object a line");
    return table;
  }();
  return kTable;
}

const Table<Presence>& presence_table() {
  static const auto kTable = [] {
    Table<Presence> table;
    table.key("lease", duration(milliseconds(100), minutes(10)), &Presence::lease,
              "how long an agent counts as connected without a sign of his socket's daemon");
    table.key("grace", duration(seconds(0), hours(1)), &Presence::grace,
              "from the loss of his last socket until his offers go to others");
    table.key("reassign_after", duration(seconds(0), days(1)), &Presence::reassign_after,
              "and until his active chats do");
    table.key("break_reasons", list(text(60)), &Presence::break_reasons,
              "the reasons an agent may give for a break; empty: any text");
    return table;
  }();
  return kTable;
}

const Table<Conversations>& conversations_table() {
  static const auto kTable = [] {
    Table<Conversations> table;
    table.key("reopen_within", duration(seconds(0), days(365)), &Conversations::reopen_within,
              "a customer's message this long after the resolution reopens; later it opens a new conversation");
    table.key("last_agent_within", duration(seconds(0), days(365)), &Conversations::last_agent_within,
              "a returning contact goes to his last agent first");
    table.key("pending_for", duration(seconds(1), days(365)), &Conversations::pending_for,
              "how long to wait for the customer where the agent names no time");
    table.key("keep_delivery_keys", duration(seconds(1), days(365)), &Conversations::keep_delivery_keys,
              "a message delivered again within this is known and not stored twice");
    return table;
  }();
  return kTable;
}

}  // namespace

Type<Redis> redis_type() {
  return object(redis_table());
}
Type<Http> http_type() {
  return object(http_table());
}
Type<Log> log_type() {
  return object(log_table());
}
Type<Presence> presence_type() {
  return object(presence_table());
}
Type<Conversations> conversations_type() {
  return object(conversations_table());
}

Type<Sessions> sessions_type() {
  static const auto kTable = [] {
    Table<Sessions> table("Log-ins of agents.");
    table.key("lifetime", duration(seconds(1), days(90)), &Sessions::lifetime, "from the log-in");
    table.key("failed_logins", integer(1, 1000), &Sessions::failed_logins,
              "wrong passwords for one agent within `failed_within`; then 429");
    table.key("failed_within", duration(seconds(1), days(1)), &Sessions::failed_within, "see `failed_logins`");
    return table;
  }();
  return object(kTable);
}

Type<Outbox> outbox_type() {
  static const auto kTable = [] {
    Table<Outbox> table("Replies on their way out.");
    table.key("retry_after", duration(milliseconds(100), hours(1)), &Outbox::retry_after,
              "the first time; doubled with each further failure");
    table.key("retry_limit", duration(milliseconds(100), days(1)), &Outbox::retry_limit,
              "the longest time between tries");
    table.key("give_up_after", duration(seconds(1), days(30)), &Outbox::give_up_after,
              "then the reply is `failed` and its agent is told");
    return table;
  }();
  return object(kTable);
}

Type<Events> events_type() {
  static const auto kTable = [] {
    Table<Events> table;
    table.key("keep", duration(seconds(1), days(3650)), &Events::keep, "the desk's event stream");
    return table;
  }();
  return object(kTable);
}

Type<StatusPage> status_page_type() {
  static const auto kTable = [] {
    Table<StatusPage> table;
    table.key("lifetime", duration(seconds(1), days(3650)), &StatusPage::lifetime,
              "of the link a customer got, after his conversation is closed");
    return table;
  }();
  return object(kTable);
}

Type<SystemTexts> system_texts_type() {
  static const auto kTable = [] {
    Table<SystemTexts> table("What Peyk itself writes to customers, instead of its own texts.");
    const std::string own = "Peyk's own (en, fa, hy)";
    table.key("received", texts(), &SystemTexts::received, "a message was taken in; may name `{reference}`")
        .by_default(own);
    table.key("closed", texts(), &SystemTexts::closed, "the same outside of opening hours; also `{opens}`")
        .by_default(own);
    table.key("reassigned", texts(), &SystemTexts::reassigned, "another agent takes over").by_default(own);
    table.key("resolved", texts(), &SystemTexts::resolved, "it is solved; may name `{reference}`").by_default(own);
    return table;
  }();
  return object(kTable);
}

}  // namespace peyk::config
