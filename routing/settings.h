// One configuration with what routing derives from it; swapped as a whole on a reload.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "config/config.h"
#include "routing/conversation.h"
#include "routing/hours_book.h"
#include "routing/rules.h"

namespace peyk::routing {

/// What an answer of an overflow rule is called in the store: its queue and a digest of its texts, so that all daemons
/// whose files say the same mean the same by it, and none takes it for another.
std::string answer_name(const QueueName& queue, const config::Texts& answer);

/// One thread. Whoever keeps it over a wait keeps the configuration that it began with.
class Settings {
 public:
  explicit Settings(config::ConfigPtr config);

  const config::Config& config() const { return *config_; }
  const config::ConfigPtr& config_ptr() const { return config_; }
  HoursBook& hours() { return hours_; }
  Rules& rules() { return *rules_; }

  /// Null when there is none of that name.
  const config::Channel* channel(const ChannelName& name) const;
  const config::Queue* queue(const QueueName& name) const;
  const config::Agent* agent(const AgentName& name) const;

  /// The scripts' `class` for what the rules say of `subject`, with its promise pinned at `subject.now`.
  std::string classify(const Subject& subject, const std::map<std::string, std::string>& fields);
  /// The same for a conversation put into a queue by hand.
  std::string class_of(const Routing& routing, const Language& language, Time now);
  /// By when `routing` promises what it promises to a conversation that comes `at`, by the hours of its queue.
  Promise pinned(const Routing& routing, Time at);

  /// The channel that carries answers to a conversation of `channel`: itself, or what it replies via; null when
  /// nothing is sent (a chat's answers go to its socket, a form's to the status page).
  const config::Channel* sender_for(const ChannelName& channel) const;

  /// The answer of an overflow rule, by its name; null when this configuration has none of that name.
  const config::Texts* answer(const std::string& name) const;

  /// What `language` of a text is, or the channel's.
  Language language_of(const config::Channel& channel, std::string_view text, const std::string& locale) const;

 private:
  config::ConfigPtr config_;
  HoursBook hours_;
  std::unique_ptr<Rules> rules_;
  std::unordered_map<const Routing*, std::string> lasting_;  // the unchanging part of each class
  std::map<std::string, const config::Texts*> answers_;
};

using SettingsPtr = std::shared_ptr<Settings>;

}  // namespace peyk::routing
