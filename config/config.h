// The whole configuration, typed and validated: what `load` returns. Read-only once loaded; a reload is a new one.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "config/channel_config.h"
#include "config/names.h"
#include "config/routing_config.h"
#include "config/values.h"

namespace peyk::config {

enum class Durability : std::uint8_t { disk, relaxed, replicated };

struct Redis {
  bool embedded = false;
  std::string url;   // empty when embedded
  std::string user;  // ACL user; empty: the default one
  Secret password;
  std::string ca_file;  // PEM roots for rediss; empty: the system's
  Durability durability = Durability::disk;
  int replicas = 1;  // that must have a write, with `replicated`
  Duration timeout{2000};
};

struct HttpLimits {
  std::uint64_t body_bytes = std::uint64_t{25} << 20U;
  std::uint64_t header_bytes = std::uint64_t{16} << 10U;
  Duration request_time{30'000};
  Duration idle_time{60'000};
  int connections = 20'000;
};

struct Http {
  std::vector<std::string> listen;  // "127.0.0.1:8080", "[::1]:0"; empty: no HTTP
  std::string public_url;           // without a slash at its end; empty: http:// and the first `listen`
  std::vector<std::string> trusted_proxies;
  HttpLimits limits;
};

enum class LogLevel : std::uint8_t { trace, debug, info, warning, error };
enum class LogFormat : std::uint8_t { text, json };

struct Log {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

struct Presence {
  Duration lease{20'000};                  // renewed by the agent's socket at a third of it
  Duration grace{30'000};                  // from the loss of his last socket to the return of his offers
  Duration reassign_after{120'000};        // and of his active chats
  std::vector<std::string> break_reasons;  // empty: any text
};

struct Conversations {
  Duration reopen_within = std::chrono::days(7);        // of its resolution; then closed
  Duration last_agent_within = std::chrono::days(30);   // a returning contact goes to him first
  Duration pending_for = std::chrono::days(3);          // for the customer, where the agent names no time
  Duration keep_delivery_keys = std::chrono::days(30);  // a message that comes again within this is known
};

struct Sessions {
  Duration lifetime = std::chrono::hours(12);  // from the log-in
  int failed_logins = 10;                      // per agent and address within `failed_within`; then 429
  Duration failed_within = std::chrono::minutes(15);
};

struct Outbox {
  Duration retry_after = std::chrono::seconds(5);  // first; doubles up to `retry_limit`
  Duration retry_limit = std::chrono::minutes(15);
  Duration give_up_after = std::chrono::days(2);  // from the reply; then `failed`
};

struct Events {
  Duration keep = std::chrono::days(30);
};

struct StatusPage {
  Duration lifetime = std::chrono::days(90);  // of the link, after the conversation is closed
};

/// The item rule: value × (age ÷ promise) ^ exponent, largest first.
struct Urgency {
  double exponent = 1.0;
  std::array<double, kPriorities> values{0.5, 1.0, 2.0, 4.0};  // by Priority
};

/// What Peyk itself writes to customers; each has a built-in text in English, Persian and Armenian.
struct SystemTexts {
  Texts received;    // {reference}
  Texts closed;      // {reference} {opens}
  Texts reassigned;  // his agent's connection was lost; another one takes over
  Texts resolved;    // {reference}
};

enum class PromiseClock : std::uint8_t { open_hours, always };

struct Config {
  std::string file;            // as it was given
  std::string config_version;  // changes with anything that routing depends on; 16 hex digits
  std::string desk = "main";
  std::string state_dir = "/var/lib/peyk";  // absolute
  std::string timezone = "UTC";             // of dates in rules
  Language locale = "en";                   // where a channel says none

  Redis redis;
  Http http;
  Log log;
  std::map<ChannelName, Channel> channels;
  std::map<HoursName, Hours> hours;
  std::vector<SkillName> skills;
  std::map<QueueName, Queue> queues;
  std::map<QueueName, QueueName> retired_queues;  // name → where its work moves
  std::array<KindRules, kChannelKinds> kinds;     // by ChannelKind
  Urgency urgency;
  std::vector<Route> routes;  // the last one matches everything
  std::map<AgentName, Agent> agents;

  Presence presence;
  Conversations conversations;
  PromiseClock promise_clock = PromiseClock::open_hours;
  Sessions sessions;
  Outbox outbox;
  Events events;
  StatusPage status_page;
  SystemTexts texts;

  const KindRules& kind(ChannelKind which) const { return kinds[static_cast<std::size_t>(which)]; }
};

using ConfigPtr = std::shared_ptr<const Config>;

}  // namespace peyk::config
