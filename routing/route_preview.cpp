#include "routing/route_preview.h"

#include <algorithm>
#include <ranges>
#include <set>

#include <fmt/format.h>

#include "config/roster.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;
using config::Duration;

constexpr std::size_t kLanguageLetters = 3;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

json::object levels_json(const config::SkillLevels& levels) {
  json::object object;
  for (const auto& [skill, level] : levels) object[skill.str()] = level;
  return object;
}

std::string names_of(const std::map<ChannelName, config::Channel>& channels) {
  return fmt::format("{}", fmt::join(std::views::transform(std::views::keys(channels), &ChannelName::str), ", "));
}

void check_fields(const RouteQuestion& question, const config::Channel& channel, std::vector<FieldError>& errors) {
  for (const auto& [name, value] : question.fields) {
    const auto* form = channel.form();
    const auto& field = name;
    const bool declared = form != nullptr && std::any_of(form->fields.begin(), form->fields.end(),
                                                         [&field](const auto& known) { return known.name == field; });
    if (declared) continue;
    errors.push_back({"fields." + name, fmt::format("channel {} has no field {}", channel.name.str(), name)});
  }
}

Result<> check(const Settings& settings, const RouteQuestion& question) {
  std::vector<FieldError> errors;
  const auto* channel = settings.channel(question.channel);
  if (channel == nullptr) {
    errors.push_back({"channel", fmt::format("there is no channel {}; there are {}", question.channel.str(),
                                             names_of(settings.config().channels))});
  } else {
    check_fields(question, *channel, errors);
  }
  const auto& language = question.language;
  const bool spelled = language.size() <= kLanguageLetters && language.size() != 1 &&
                       std::all_of(language.begin(), language.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!spelled) errors.push_back({"language", "is no language such as fa, hy or en"});
  if (errors.empty()) return {};
  auto message = errors.front().field + ": " + errors.front().message;
  return fail(ErrorCode::unprocessable, std::move(message), std::move(errors));
}

/// The demand from one moment on.
struct Step {
  Duration after{};
  config::SkillLevels require;
  std::vector<QueueName> queues;
};

/// How many agents of the roster could take it, be they never so idle, and what the others lack.
struct Counts {
  int could = 0;
  int queue = 0;
  int skill = 0;
  int room = 0;
};

class Preview {
 public:
  Preview(const config::Config& config, const Routing& routing, ChannelKind kind)
      : config_(config), routing_(routing), kind_(kind) {}

  /// The demand at once, and after each preference that ends and each ring that opens.
  std::vector<Step> steps() const {
    std::set<Duration> times{Duration::zero()};
    for (const auto& end : ends()) times.insert(end);
    for (const auto& ring : routing_.demand.rings) times.insert(ring.after);
    std::vector<Step> steps;
    for (const auto after : times) {
      auto step = at(after);
      const bool same = !steps.empty() && steps.back().require == step.require && steps.back().queues == step.queues;
      if (!same) steps.push_back(std::move(step));
    }
    return steps;
  }

  Counts count(const Step& step) const {
    Counts counts;
    for (const auto& [name, agent] : config_.agents) {
      const bool serves = std::any_of(step.queues.begin(), step.queues.end(), [&agent](const auto& queue) {
        return std::find(agent.queues.begin(), agent.queues.end(), queue) != agent.queues.end();
      });
      if (!serves) {
        ++counts.queue;
      } else if (!config::meets(agent.skills, step.require)) {
        ++counts.skill;
      } else if (agent.capacity < config::weight_for(config_, agent, kind_) ||
                 config::max_for(config_, agent, kind_) == 0) {
        ++counts.room;
      } else {
        ++counts.could;
      }
    }
    return counts;
  }

 private:
  /// When each preference ends: one after the other; at once where nobody in the roster has it.
  std::vector<Duration> ends() const {
    std::vector<Duration> ends;
    auto from = Duration::zero();
    auto levels = routing_.demand.require;
    for (const auto& step : routing_.demand.prefer) {
      const auto tried = with(levels, step.skills);
      if (step.unless != config::DroppedWhenNone::rostered || rostered(tried)) {
        from += step.insist_for;
        levels = tried;
      }
      ends.push_back(from);
    }
    return ends;
  }

  /// Whether anybody in the queue has these skills. Nobody's room drops a preference, and rings are not open when it is
  /// looked at first.
  bool rostered(const config::SkillLevels& levels) const {
    const auto counts = count({Duration::zero(), levels, {routing_.queue}});
    return counts.could + counts.room > 0;
  }

  Step at(Duration after) const {
    Step step{after, routing_.demand.require, {routing_.queue}};
    const auto until = ends();
    for (std::size_t i = 0; i < until.size(); ++i) {
      if (until[i] > after) step.require = with(step.require, routing_.demand.prefer[i].skills);
    }
    for (const auto& ring : routing_.demand.rings) {
      if (ring.after <= after) step.queues.push_back(ring.queue);
    }
    return step;
  }

  static config::SkillLevels with(config::SkillLevels levels, const config::SkillLevels& more) {
    for (const auto& [skill, level] : more) levels[skill] = std::max(levels[skill], level);
    return levels;
  }

  const config::Config& config_;
  const Routing& routing_;
  ChannelKind kind_;
};

std::string_view unless_word(config::DroppedWhenNone unless) {
  if (unless == config::DroppedWhenNone::available) return "available";
  return unless == config::DroppedWhenNone::rostered ? "rostered" : "never";
}

json::object demand_json(const config::Demand& demand) {
  json::array prefer;
  for (const auto& step : demand.prefer) {
    prefer.push_back({{"skills", levels_json(step.skills)},
                      {"for", seconds(step.insist_for)},
                      {"unless", unless_word(step.unless)}});
  }
  json::array rings;
  for (const auto& ring : demand.rings) {
    rings.push_back({{"queue", ring.queue.str()}, {"after", seconds(ring.after)}});
  }
  json::object bands;
  for (const auto& [skill, floors] : demand.bands) bands[skill.str()] = json::value_from(floors);
  return {{"require", levels_json(demand.require)},
          {"prefer", std::move(prefer)},
          {"rings", std::move(rings)},
          {"bands", std::move(bands)}};
}

json::array steps_json(const Preview& preview) {
  json::array array;
  for (const auto& step : preview.steps()) {
    const auto counts = preview.count(step);
    json::array queues;
    for (const auto& queue : step.queues) queues.emplace_back(queue.str());
    array.push_back(
        {{"after", seconds(step.after)},
         {"require", levels_json(step.require)},
         {"queues", std::move(queues)},
         {"agents",
          {{"could", counts.could}, {"queue", counts.queue}, {"skill", counts.skill}, {"room", counts.room}}}});
  }
  return array;
}

json::object promise_json(Settings& settings, const Routing& routing, Time at) {
  const auto pinned = settings.pinned(routing, at);
  return {{"first_reply", seconds(routing.promise.first_reply)},
          {"resolve", seconds(routing.promise.resolve)},
          {"first_reply_by", to_rfc3339(pinned.first_reply_by)},
          {"resolve_by", to_rfc3339(pinned.resolve_by)}};
}

}  // namespace

Result<json::object> preview_route(Settings& settings, const RouteQuestion& question, Time now) {
  if (auto checked = check(settings, question); !checked) return std::unexpected(checked.error());
  const auto& channel = *settings.channel(question.channel);
  Subject subject;
  subject.channel = channel.name;
  subject.kind = channel.kind();
  subject.fields = &question.fields;
  subject.subject = question.subject;
  subject.text = question.text;
  subject.sender = question.sender;
  subject.language = question.language.empty() ? settings.language_of(channel, question.text, {}) : question.language;
  subject.contact_tags = question.contact_tags;
  subject.now = question.at.value_or(now);
  const auto& routing = *settings.rules().classify(subject);
  const auto& hours = settings.config().queues.at(routing.queue).hours;
  const Preview preview(settings.config(), routing, channel.kind());
  return json::object{
      {"channel", channel.name.str()},
      {"kind", to_string(channel.kind())},
      {"language", subject.language},
      {"at", to_rfc3339(subject.now)},
      {"rule", {{"number", routing.rule}, {"name", routing.route}, {"place", config::to_string(routing.place)}}},
      {"queue", routing.queue.str()},
      {"open", settings.hours().clock(hours).is_open(subject.now)},
      {"priority", to_string(routing.priority)},
      {"demand", demand_json(routing.demand)},
      {"promise", promise_json(settings, routing, subject.now)},
      {"rostered", settings.config().agents.size()},
      {"steps", steps_json(preview)},
      {"config_version", settings.config().config_version}};
}

}  // namespace peyk::routing
