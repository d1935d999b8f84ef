#include "routing/settings.h"

#include "base/text.h"
#include "routing/language.h"
#include "routing/promises.h"
#include "routing/store/arguments.h"

namespace peyk::routing {
namespace {

template <typename Map>
auto find_in(const Map& map, const typename Map::key_type& name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

/// "fa" of "fa-IR", lower case; empty for what is no language, so that nobody can make up ever new ones.
Language language_of_locale(std::string_view locale) {
  Language language;
  for (const char c : locale.substr(0, locale.find_first_of("-_"))) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower < 'a' || lower > 'z') return {};
    language += lower;
  }
  return is_known_language(language) ? language : Language();
}

}  // namespace

std::string answer_name(const QueueName& queue, const config::Texts& answer) {
  std::string all;
  for (const auto& [language, text] : answer) all += language + '\0' + text + '\0';
  return queue.str() + '~' + sha256_hex(all).substr(0, 16);
}

Settings::Settings(config::ConfigPtr config)
    : config_(std::move(config)), hours_(config_), rules_(create_rules(config_, hours_)) {
  for (const auto& [name, queue] : config_->queues) {
    for (const auto& rule : queue.overflow) {
      if (rule.to.empty()) answers_.emplace(answer_name(name, rule.answer), &rule.answer);
    }
  }
}

const config::Channel* Settings::channel(const ChannelName& name) const {
  return find_in(config_->channels, name);
}
const config::Queue* Settings::queue(const QueueName& name) const {
  return find_in(config_->queues, name);
}
const config::Agent* Settings::agent(const AgentName& name) const {
  return find_in(config_->agents, name);
}

std::string Settings::classify(const Subject& subject, const std::map<std::string, std::string>& fields) {
  const auto* routing = rules_->classify(subject);
  auto& lasting = lasting_[routing];
  if (lasting.empty()) lasting = store::class_json(*routing, config_->config_version);
  return store::class_with(lasting, pinned(*routing, subject.now), subject.language, fields);
}

std::string Settings::class_of(const Routing& routing, const Language& language, Time now) {
  return store::class_with(store::class_json(routing, config_->config_version), pinned(routing, now), language, {});
}

Promise Settings::pinned(const Routing& routing, Time at) {
  auto& hours = hours_.clock(config_->queues.at(routing.queue).hours);
  return pin_promise(routing.promise, at, config_->promise_clock, hours);
}

const config::Channel* Settings::sender_for(const ChannelName& name) const {
  const auto* from = channel(name);
  if (from == nullptr || from->chat() != nullptr) return nullptr;
  if (const auto* form = from->form()) return form->reply_via.empty() ? nullptr : channel(form->reply_via);
  return from;
}

const config::Texts* Settings::answer(const std::string& name) const {
  const auto found = answers_.find(name);
  return found == answers_.end() ? nullptr : found->second;
}

Language Settings::language_of(const config::Channel& channel, std::string_view text, const std::string& locale) const {
  if (!channel.language.empty()) return channel.language;
  const auto asked = language_of_locale(locale);
  const auto& fallback = !asked.empty() ? asked : !channel.locale.empty() ? channel.locale : config_->locale;
  return detect_language(text, fallback);
}

}  // namespace peyk::routing
