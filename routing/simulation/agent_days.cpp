#include "routing/simulation/agent_days.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace peyk::routing::simulation {
namespace {

constexpr double kHundredths = 100.0;

double seconds(Milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::vector<Shift> joined(std::vector<Shift> shifts) {
  std::erase_if(shifts, [](const Shift& shift) { return shift.from >= shift.to; });
  std::ranges::sort(shifts, {}, [](const Shift& shift) { return std::tie(shift.agent, shift.from); });
  std::vector<Shift> whole;
  for (auto& shift : shifts) {
    if (!whole.empty() && whole.back().agent == shift.agent && shift.from <= whole.back().to) {
      whole.back().to = std::max(whole.back().to, shift.to);
    } else {
      whole.push_back(std::move(shift));
    }
  }
  return whole;
}

std::vector<AgentDays::Change> AgentDays::changes(const AgentName& agent) const {
  std::vector<Change> on_shift;
  for (const auto& shift : shifts_) {
    if (shift.agent != agent) continue;
    on_shift.push_back({shift.from, true, {}});
    on_shift.push_back({shift.to, false, {}});
  }
  std::vector<Change> carried;
  const auto found = loads_.find(agent);
  if (found != loads_.end()) {
    for (const auto& load : found->second) carried.push_back({load.at, {}, load.units.hundredths});
  }
  std::vector<Change> all;
  std::ranges::merge(on_shift, carried, std::back_inserter(all), {}, &Change::at, &Change::at);
  return all;
}

AgentDay AgentDays::of(const AgentName& agent, config::Units capacity) const {
  AgentDay day;
  day.agent = agent;
  day.capacity = static_cast<int>(capacity.hundredths / static_cast<std::int64_t>(kHundredths));
  Time since = day_.begin;
  bool on_shift = false;
  std::int64_t load = 0;
  const auto until = [&](Time at) {
    const auto span = std::clamp(at, day_.begin, day_.end) - since;
    since += span;
    if (on_shift || load > 0) day.present += span;
    if (on_shift && load == 0) day.idle += span;
    day.unit_seconds += seconds(span) * static_cast<double>(load) / kHundredths;
  };
  for (const auto& change : changes(agent)) {
    until(change.at);
    on_shift = change.on_shift.value_or(on_shift);
    load = change.load.value_or(load);
  }
  until(day_.end);
  for (const auto& loss : day_.losses) {
    if (loss.agent != agent || loss.from >= day_.end || loss.to <= day_.begin) continue;
    ++day.losses;
    day.lost += std::min(loss.to, day_.end) - std::max(loss.from, day_.begin);
  }
  return day;
}

}  // namespace peyk::routing::simulation
