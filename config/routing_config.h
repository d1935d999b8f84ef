// What the configuration says about routing: hours, queues, kinds, routes, agents.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "config/values.h"

namespace peyk::config {

/// Minutes after midnight, `from` < `to`; `to` may pass 1440 (open over midnight, into the next day).
struct OpenSpan {
  int from = 0;
  int to = 0;
  friend auto operator<=>(const OpenSpan&, const OpenSpan&) = default;
};

struct Hours {
  HoursName name;
  std::string timezone;                       // known to ICU
  std::array<std::vector<OpenSpan>, 7> week;  // 0 is Monday; sorted, no two overlap
  std::vector<DateRange> holidays;            // spans that begin on such a day are dropped
};

/// What a customer may count on; runs as `promise_clock` says.
struct Promise {
  Duration first_reply{};
  Duration resolve{};
};

enum class DroppedWhenNone : std::uint8_t { never, available, rostered };

/// `skills` are insisted on for `insist_for`, then dropped; at once when no agent who has them (together with the
/// rest of the demand) is present (`unless: available`) or in the roster at all (`unless: rostered`).
struct PreferStep {
  SkillLevels skills;
  Duration insist_for{};
  DroppedWhenNone unless = DroppedWhenNone::never;
};

/// From `after` on, the agents of `queue` may take it as well (and must meet the same demand).
struct Ring {
  QueueName queue;
  Duration after{};
};

/// Floors of a skill, falling: who meets the first is preferred to who meets only the second, before load counts.
using Bands = std::map<SkillName, std::vector<int>>;

/// What is asked of an agent; of a queue (for all its conversations) and of a route (on top of its queue's).
struct Demand {
  SkillLevels require;  // a route's level overrules its queue's for the same skill
  std::vector<PreferStep> prefer;
  Bands bands;
  std::vector<Ring> rings;  // in the order of `after`
};

struct OfferRules {
  Duration timeout{30'000};
  Duration cooldown{60'000};  // of the pair after its first miss or decline; doubles with each further one
  Duration cooldown_max{600'000};
  int misses_before_away = 3;  // 0: never
  int parallel = 1;            // agents offered it at once; the first to accept has it
};

/// All that is set must hold. Without `after` it is looked at when a conversation comes into the queue; with it, once
/// the conversation has waited so long there.
struct OverflowCondition {
  std::optional<int> waiting;    // so many or more wait already
  std::optional<Duration> wait;  // the estimated wait (p50) is so long or longer
  bool hours_closed = false;     // `hours: closed`
  bool nobody_rostered = false;  // `rostered: none`: no agent of the queue meets the demand
  std::optional<Duration> after;
};

/// To another queue, or the customer gets an answer once and goes on waiting.
struct Overflow {
  OverflowCondition when;
  QueueName to;  // empty: `answer`
  Texts answer;
};

struct Queue {
  QueueName name;
  Promise promise;
  HoursName hours;  // empty: always open
  Demand demand;
  OfferRules offer;
  Duration wrap_up{};
  std::optional<Duration> last_agent_within;  // none: as `conversations` says
  std::vector<Overflow> overflow;             // first that holds
  Place place;
};

/// What a conversation of one channel kind weighs.
struct KindRules {
  Units weight{100};
  Units dormant_weight{100};            // while it waits for the customer; never above `weight`
  Duration dormant_after{};             // after the last message out
  std::optional<int> max;               // conversations of this kind an agent has at once
  std::vector<ChannelKind> interrupts;  // their load does not keep this kind from an agent
};

struct KindOverride {
  std::optional<Units> weight;
  std::optional<int> max;
};

/// All that is set must hold; where several values are named, any of them.
struct When {
  std::vector<ChannelName> channels;
  std::vector<ChannelKind> kinds;
  std::map<std::string, std::vector<std::string>> fields;  // `field.NAME`
  std::optional<Pattern> subject;
  std::optional<Pattern> text;
  std::optional<Pattern> sender;  // the address, or the name where there is none
  std::vector<Language> languages;
  std::vector<std::string> contact_tags;
  std::vector<DateRange> dates;                   // today in `timezone`
  std::vector<std::pair<HoursName, bool>> hours;  // true: while open, false: while closed

  bool matches_everything() const;
};

struct Route {
  std::string name;  // for explanations: `name:`, else "route 3" (from 1)
  When when;
  QueueName queue;
  Demand demand;
  std::optional<Duration> first_reply;  // instead of the queue's
  std::optional<Duration> resolve;
  Priority priority = Priority::normal;
  Place place;
};

struct Agent {
  AgentName name;
  std::string display_name;
  std::string email;
  Secret password_hash;  // argon2id; empty: no login
  Role role = Role::agent;
  SkillLevels skills;
  std::vector<QueueName> queues;
  Units capacity{400};
  std::map<ChannelKind, KindOverride> kinds;
  HoursName shift;  // empty: whenever he says so; else takes nothing new outside of it
  std::optional<AgentName> supervisor;
  Place place;
};

}  // namespace peyk::config
