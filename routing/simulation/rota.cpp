#include "routing/simulation/rota.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "config/hours.h"

namespace peyk::routing::simulation {
namespace {

constexpr int kDayMinutes = 24 * 60;

using Spans = std::map<AgentName, std::vector<config::OpenSpan>>;

/// On a circle of one day.
bool overlap(const config::OpenSpan& left, const config::OpenSpan& right) {
  for (const int turn : {-kDayMinutes, 0, kDayMinutes}) {
    if (left.from < right.to + turn && right.from + turn < left.to) return true;
  }
  return false;
}

bool is_free(const Spans& spans, const AgentName& agent, const config::OpenSpan& wanted) {
  const auto found = spans.find(agent);
  if (found == spans.end()) return true;
  return std::none_of(found->second.begin(), found->second.end(),
                      [&wanted](const auto& taken) { return overlap(taken, wanted); });
}

std::vector<AgentName> free_of_queue(const Spans& spans, const config::Config& config, const RotaEntry& entry) {
  std::vector<AgentName> unused;
  std::vector<AgentName> used;
  for (const auto& [name, agent] : config.agents) {
    const bool serves = std::find(agent.queues.begin(), agent.queues.end(), entry.queue) != agent.queues.end();
    if (serves && is_free(spans, name, entry.span)) (spans.contains(name) ? used : unused).push_back(name);
  }
  unused.insert(unused.end(), used.begin(), used.end());
  return unused;
}

std::string clock_words(int minute) {
  return fmt::format("{:02}:{:02}", minute % kDayMinutes / 60, minute % 60);
}

/// Who is there when; what cannot be filled goes to `problems`. Entries that name their agents come first.
Spans assign(const Rota& rota, const config::Config& config, std::vector<config::Problem>& problems) {
  Spans spans;
  for (const auto& entry : rota) {
    for (const auto& agent : entry.agents) {
      if (config.agents.contains(agent)) spans[agent].push_back(entry.span);
    }
  }
  for (const auto& entry : rota) {
    if (entry.queue.empty()) continue;
    auto free = free_of_queue(spans, config, entry);
    const auto wanted = static_cast<std::size_t>(entry.count);
    if (free.size() < wanted) {
      const auto message =
          fmt::format("queue \"{}\" of {} has {} agents free from {} to {}, {} are wanted", entry.queue.str(),
                      config.file, free.size(), clock_words(entry.span.from), clock_words(entry.span.to), wanted);
      problems.push_back({entry.place.file, entry.place.line, entry.place.column, message, config::Severity::error});
    }
    free.resize(std::min(free.size(), wanted));
    for (const auto& agent : free) spans[agent].push_back(entry.span);
  }
  return spans;
}

/// In order, what overlaps or touches joined, cut to the period.
void add_joined(const AgentName& agent, std::vector<Shift> shifts, Period period, std::vector<Shift>& into) {
  std::sort(shifts.begin(), shifts.end(), [](const Shift& left, const Shift& right) {
    return std::tie(left.from, left.to) < std::tie(right.from, right.to);
  });
  for (auto& shift : shifts) {
    shift.from = std::max(shift.from, period.from);
    shift.to = std::min(shift.to, period.to);
    if (shift.to <= shift.from) continue;
    if (!into.empty() && into.back().agent == agent && into.back().to >= shift.from) {
      into.back().to = std::max(into.back().to, shift.to);
    } else {
      into.push_back(shift);
    }
  }
}

std::vector<Shift> shifts_of(const AgentName& agent, const std::vector<config::OpenSpan>& spans,
                             const config::LocalClock& clock, Period period) {
  using std::chrono::minutes;
  std::vector<Shift> shifts;
  const auto first = clock.date(period.from);
  for (int day = -1; clock.instant(first, std::chrono::days(day)) < period.to; ++day) {
    for (const auto& span : spans) {
      const auto midnight = std::chrono::days(day);
      shifts.push_back({agent, clock.instant(first, midnight + minutes(span.from)),
                        clock.instant(first, midnight + minutes(span.to))});
    }
  }
  return shifts;
}

std::vector<Shift> configured_shifts(const config::Config& config, Period period) {
  std::vector<Shift> shifts;
  for (const auto& [name, agent] : config.agents) {
    const auto hours = config.hours.find(agent.shift);
    const auto clock =
        hours == config.hours.end() ? config::create_always_open() : config::create_hours_clock(hours->second);
    auto opens = clock->next_open(period.from);
    while (opens && *opens < period.to) {
      const auto closes = clock->next_close(*opens);
      shifts.push_back({name, *opens, std::min(closes.value_or(period.to), period.to)});
      opens = clock->next_open(shifts.back().to);
    }
  }
  return shifts;
}

}  // namespace

std::vector<Shift> lay_out(const Rota& rota, const config::Config& config, const config::LocalClock& clock,
                           Period period) {
  if (rota.empty()) return configured_shifts(config, period);
  std::vector<config::Problem> said_before;
  std::vector<Shift> shifts;
  for (const auto& [agent, spans] : assign(rota, config, said_before)) {
    add_joined(agent, shifts_of(agent, spans, clock, period), period, shifts);
  }
  return shifts;
}

std::vector<config::Problem> unfilled(const Rota& rota, const config::Config& config) {
  std::vector<config::Problem> problems;
  assign(rota, config, problems);
  return problems;
}

}  // namespace peyk::routing::simulation
