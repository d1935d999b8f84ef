#include "routing/rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

namespace peyk::routing {
namespace {

template <typename T>
bool one_of(const std::vector<T>& values, const T& value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

bool fields_match(const config::When& when, const Subject& subject) {
  return std::all_of(when.fields.begin(), when.fields.end(), [&subject](const auto& wanted) {
    if (subject.fields == nullptr) return false;
    const auto found = subject.fields->find(wanted.first);
    return found != subject.fields->end() && one_of(wanted.second, found->second);
  });
}

bool tags_match(const config::When& when, const Subject& subject) {
  if (when.contact_tags.empty()) return true;
  return std::any_of(subject.contact_tags.begin(), subject.contact_tags.end(),
                     [&when](const auto& tag) { return one_of(when.contact_tags, tag); });
}

bool matches(const std::optional<config::Pattern>& pattern, std::string_view text) {
  return !pattern || pattern->matches(text);
}

const SkillName& language_skill() {
  static const SkillName name{std::string(config::kLanguageSkill)};
  return name;
}

bool is_skill(const config::Config& config, const Language& language) {
  return std::find(config.skills.begin(), config.skills.end(), SkillName(language)) != config.skills.end();
}

/// The conversation's language in place of `language`; without it when agents have no such skill. The scripts do the
/// same where an overflow moves it (D.move).
void put_language(config::SkillLevels& levels, const config::Config& config, const Language& language) {
  const auto unnamed = levels.find(language_skill());
  if (unnamed == levels.end()) return;
  const int level = unnamed->second;
  levels.erase(unnamed);
  if (!is_skill(config, language)) return;
  auto& own = levels[SkillName(language)];
  own = std::max(own, level);
}

/// Bands of the skill's own go before those of `language`.
void put_language(config::Bands& bands, const config::Config& config, const Language& language) {
  auto unnamed = bands.extract(language_skill());
  if (unnamed.empty() || !is_skill(config, language)) return;
  bands.emplace(SkillName(language), std::move(unnamed.mapped()));
}

config::Demand put_together(const config::Demand& queue, const config::Demand& route) {
  auto demand = queue;
  for (const auto& [skill, level] : route.require) demand.require[skill] = level;
  demand.prefer.insert(demand.prefer.begin(), route.prefer.begin(), route.prefer.end());
  for (const auto& [skill, floors] : route.bands) demand.bands[skill] = floors;
  demand.rings.insert(demand.rings.end(), route.rings.begin(), route.rings.end());
  std::sort(demand.rings.begin(), demand.rings.end(),
            [](const auto& left, const auto& right) { return left.after < right.after; });
  return demand;
}

class ConfiguredRules : public Rules {
 public:
  ConfiguredRules(config::ConfigPtr config, HoursBook& hours)
      : config_(std::move(config)),
        hours_(hours),
        answers_(config_->routes.size()),
        needs_contact_tags_(std::any_of(config_->routes.begin(), config_->routes.end(),
                                        [](const auto& route) { return !route.when.contact_tags.empty(); })) {}

  const Routing* classify(const Subject& subject) override {
    const auto& routes = config_->routes;
    std::size_t i = 0;
    while (i + 1 < routes.size() && !holds(routes[i].when, subject)) ++i;
    return &answer(i, subject.language);
  }

  Routing for_queue(const QueueName& name, const Language& language) const override {
    Routing routing;
    routing.queue = name;
    const auto& queue = config_->queues.at(name);
    routing.place = queue.place;
    routing.demand = with_language(queue.demand, language);
    routing.promise = queue.promise;
    return routing;
  }

  bool needs_contact_tags() const override { return needs_contact_tags_; }

 private:
  bool holds(const config::When& when, const Subject& subject) {
    return one_of(when.channels, subject.channel) && one_of(when.kinds, subject.kind) &&
           one_of(when.languages, subject.language) && fields_match(when, subject) && tags_match(when, subject) &&
           season_matches(when, subject.now) && matches(when.subject, subject.subject) &&
           matches(when.sender, subject.sender) && matches(when.text, subject.text);
  }

  bool season_matches(const config::When& when, Time now) {
    const bool in_dates =
        when.dates.empty() || std::any_of(when.dates.begin(), when.dates.end(), [this, now](const auto& range) {
          return range.contains(today(now, range.calendar));
        });
    return in_dates && std::all_of(when.hours.begin(), when.hours.end(), [this, now](const auto& hours) {
             return hours_.clock(hours.first).is_open(now) == hours.second;
           });
  }

  /// A calendar's date costs ICU some microseconds: asked once a minute.
  const config::CalendarDate& today(Time now, config::Calendar calendar) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now);
    auto& day = days_.at(static_cast<std::size_t>(calendar));
    if (!day || day->first != minute) day.emplace(minute, config::date_at(now, config_->timezone, calendar));
    return day->second;
  }

  const Routing& answer(std::size_t index, const Language& language) {
    auto& of_route = answers_[index];
    const auto found = of_route.find(language);
    if (found != of_route.end()) return found->second;
    const auto& route = config_->routes[index];
    auto routing = for_queue(route.queue, language);
    const auto& queue = config_->queues.at(route.queue);
    routing.route = route.name;
    routing.rule = static_cast<int>(index) + 1;
    routing.place = route.place;
    routing.demand = with_language(put_together(queue.demand, route.demand), language);
    routing.priority = route.priority;
    routing.promise = {route.first_reply.value_or(queue.promise.first_reply),
                       route.resolve.value_or(queue.promise.resolve)};
    return of_route.emplace(language, std::move(routing)).first->second;
  }

  config::Demand with_language(config::Demand demand, const Language& language) const {
    put_language(demand.require, *config_, language);
    for (auto& step : demand.prefer) put_language(step.skills, *config_, language);
    std::erase_if(demand.prefer, [](const auto& step) { return step.skills.empty(); });
    put_language(demand.bands, *config_, language);
    return demand;
  }

  using Minute = std::chrono::sys_time<std::chrono::minutes>;

  config::ConfigPtr config_;
  HoursBook& hours_;
  std::vector<std::unordered_map<Language, Routing>> answers_;
  bool needs_contact_tags_;
  std::array<std::optional<std::pair<Minute, config::CalendarDate>>, 2> days_;
};

}  // namespace

std::unique_ptr<Rules> create_rules(config::ConfigPtr config, HoursBook& hours) {
  return std::make_unique<ConfiguredRules>(std::move(config), hours);
}

}  // namespace peyk::routing
