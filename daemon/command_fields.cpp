#include "daemon/command_fields.h"

#include <algorithm>
#include <cstdint>

namespace peyk::daemon {
namespace {

constexpr TextRule kTextRule{1, 100'000, true};
constexpr TextRule kNoteRule{1, 20'000, true};
constexpr TextRule kTagRule{1, 60, false};
constexpr TextRule kSubjectRule{0, 500, false};
constexpr TextRule kAddressRule{1, 320, false};
constexpr std::size_t kMaxTags = 50;
constexpr std::size_t kMaxRequired = 20;
constexpr std::int64_t kMaxLevel = 10;
constexpr auto kFarthest = std::chrono::hours(24 * 366);

routing::SkillLevels read_levels(JsonInput& input, const config::Config& config) {
  routing::SkillLevels required;
  for (const auto& [skill, level] : input.integer_map("require", 1, kMaxLevel, kMaxRequired)) {
    const bool known = std::ranges::find(config.skills, SkillName(skill)) != config.skills.end();
    if (!known) input.refuse("require." + skill, "is no skill's name");
    required.emplace(skill, static_cast<int>(level));
  }
  return required;
}

void check_until(JsonInput& input, Time until, Time now) {
  if (until == Time()) return;
  if (until <= now) input.refuse("until", "must be in the future");
  if (until > now + kFarthest) input.refuse("until", "must be within a year");
}

}  // namespace

routing::MessageId read_seen(JsonInput& input) {
  return routing::MessageId(input.optional_text("seen", kIdRule).value_or(""));
}

std::string read_note(JsonInput& input) {
  return input.text("text", kNoteRule);
}

routing::Reply read_reply(JsonInput& input) {
  return {input.text("key", kIdRule), input.text("text", kTextRule), {}, read_seen(input)};
}

routing::Transfer read_transfer(JsonInput& input, const config::Config& config) {
  routing::Transfer transfer;
  transfer.queue = QueueName(input.optional_text("queue", kNameRule).value_or(""));
  transfer.agent = AgentName(input.optional_text("agent", kNameRule).value_or(""));
  transfer.require = read_levels(input, config);
  transfer.note = input.optional_text("note", kNoteRule).value_or("");
  if (transfer.queue.empty() == transfer.agent.empty()) input.refuse("queue", "give either queue or agent");
  if (!transfer.queue.empty() && !config.queues.contains(transfer.queue)) input.refuse("queue", "is no queue's name");
  if (!transfer.agent.empty() && !config.agents.contains(transfer.agent)) input.refuse("agent", "is no agent's name");
  return transfer;
}

routing::Resolution read_resolution(JsonInput& input) {
  routing::Resolution resolution;
  const auto outcome = input.optional_choice("outcome", {"solved", "declined", "duplicate", "spam"});
  if (outcome) resolution.outcome = routing::parse<routing::Outcome>(*outcome);
  resolution.note = input.optional_text("note", kNoteRule).value_or("");
  resolution.seen = read_seen(input);
  return resolution;
}

routing::Start read_start(JsonInput& input, const config::Config& config) {
  routing::Start start;
  start.channel = ChannelName(input.text("channel", kNameRule));
  start.to = input.text("to", kAddressRule);
  start.subject = input.optional_text("subject", kSubjectRule).value_or("");
  start.text = input.text("text", kTextRule);
  start.key = input.optional_text("key", kIdRule).value_or("");
  const bool known = start.channel.empty() || config.channels.contains(start.channel);
  if (!known) input.refuse("channel", "is no channel's name");
  return start;
}

routing::TagChange read_tags(JsonInput& input) {
  routing::TagChange change{input.texts("add", kTagRule, kMaxTags), input.texts("remove", kTagRule, kMaxTags)};
  const bool comma =
      std::ranges::any_of(change.add, [](const auto& tag) { return tag.find(',') != std::string::npos; });
  if (comma) input.refuse("add", "a tag has no comma");
  if (change.add.empty() && change.remove.empty()) input.refuse("add", "name tags to add or to remove");
  return change;
}

Time read_until(JsonInput& input, Time now) {
  const auto until = input.time("until");
  check_until(input, until, now);
  return until;
}

std::optional<Time> read_optional_until(JsonInput& input, Time now) {
  const auto until = input.optional_time("until");
  if (until) check_until(input, *until, now);
  return until;
}

}  // namespace peyk::daemon
