#include "config/version.h"

#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <type_traits>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace peyk::config {
namespace {

/// Writes values one after the other, texts with their length and lists with their size, so that no two
/// configurations write the same.
class Canonical {
 public:
  const std::string& text() const { return text_; }

  template <typename... Values>
  void all(const Values&... values) {
    (write(values), ...);
  }

 private:
  void write(const std::string& value) { text_ += fmt::format("{}:{};", value.size(), value); }
  template <typename T>
    requires std::integral<T> || std::floating_point<T>
  void write(T value) {
    text_ += fmt::format("{};", value);
  }
  template <typename E>
    requires std::is_enum_v<E>
  void write(E value) {
    write(static_cast<int>(value));
  }
  template <typename Tag>
  void write(const StrongId<Tag>& value) {
    write(value.str());
  }
  void write(Duration value) { write(value.count()); }
  void write(Units value) { write(value.hundredths); }
  void write(const Pattern& value) { write(value.text()); }
  void write(const CalendarDate& value) { all(value.year, value.month, value.day); }
  void write(const DateRange& value) { all(value.calendar, value.first, value.last); }
  void write(const OpenSpan& value) { all(value.from, value.to); }
  void write(const PreferStep& value) { all(value.skills, value.insist_for, value.unless); }
  void write(const Ring& value) { all(value.queue, value.after); }
  void write(const Demand& value) { all(value.require, value.prefer, value.bands, value.rings); }
  void write(const OverflowCondition& value) {
    all(value.waiting, value.wait, value.hours_closed, value.nobody_rostered, value.after);
  }
  void write(const Overflow& value) { all(value.when, value.to, value.answer); }
  void write(const KindOverride& value) { all(value.weight, value.max); }
  void write(const Hours& value) { all(value.timezone, value.week, value.holidays); }
  void write(const Channel& value) { all(value.kind(), value.locale, value.language); }

  void write(const OfferRules& value) {
    all(value.timeout, value.cooldown, value.cooldown_max, value.misses_before_away, value.parallel);
  }
  void write(const Queue& value) {
    all(value.promise.first_reply, value.promise.resolve, value.hours, value.demand, value.offer, value.wrap_up,
        value.last_agent_within, value.overflow);
  }
  void write(const KindRules& value) {
    all(value.weight, value.dormant_weight, value.dormant_after, value.max, value.interrupts);
  }
  void write(const When& value) {
    all(value.channels, value.kinds, value.fields, value.subject, value.text, value.sender, value.languages,
        value.contact_tags, value.dates, value.hours);
  }
  void write(const Route& value) {
    all(value.name, value.when, value.queue, value.demand, value.first_reply, value.resolve, value.priority);
  }
  void write(const Agent& value) {
    all(value.role, value.skills, value.queues, value.capacity, value.kinds, value.shift, value.supervisor);
  }

  template <typename T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }
  template <typename A, typename B>
  void write(const std::pair<A, B>& value) {
    all(value.first, value.second);
  }
  template <typename T>
  void write(const std::vector<T>& values) {
    write(values.size());
    for (const auto& value : values) write(value);
  }
  template <typename T, std::size_t N>
  void write(const std::array<T, N>& values) {
    for (const auto& value : values) write(value);
  }
  template <typename K, typename V>
  void write(const std::map<K, V>& values) {
    write(values.size());
    for (const auto& [key, value] : values) all(key, value);
  }

  std::string text_;
};

std::string digest(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &length, EVP_sha256(), nullptr);
  std::string hex;
  for (std::size_t at = 0; at < 8; ++at) hex += fmt::format("{:02x}", bytes[at]);
  return hex;
}

}  // namespace

std::string config_version(const Config& config) {
  Canonical canonical;
  canonical.all(config.timezone, config.locale, config.channels, config.hours, config.skills, config.queues,
                config.retired_queues, config.kinds, config.urgency.exponent, config.urgency.values, config.routes,
                config.agents);
  canonical.all(config.presence.lease, config.presence.grace, config.presence.reassign_after,
                config.presence.break_reasons, config.conversations.reopen_within,
                config.conversations.last_agent_within, config.conversations.pending_for,
                config.conversations.keep_delivery_keys, config.promise_clock);
  return digest(canonical.text());
}

}  // namespace peyk::config
