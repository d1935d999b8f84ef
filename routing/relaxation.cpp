#include "routing/relaxation.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "routing/demand_text.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

int level_of(const StoredDemand& demand, std::string_view skill) {
  const auto found = std::ranges::find(demand.levels, skill, &std::pair<std::string, int>::first);
  return found == demand.levels.end() ? 0 : found->second;
}

}  // namespace

json::object relaxation(std::string_view from, std::string_view to) {
  const auto now = read_demand(from);
  const auto then = read_demand(to);
  json::array drops;
  for (const auto& [skill, level] : now.levels) {
    const int left = level_of(then, skill);
    if (left < level) drops.emplace_back(json::object{{"skill", skill}, {"from", level}, {"to", left}});
  }
  json::array opens;
  for (const auto& ring : then.rings) {
    if (std::ranges::find(now.rings, ring) == now.rings.end()) opens.emplace_back(ring);
  }
  return {{"demand", demand_in_words(to)}, {"drops", std::move(drops)}, {"opens", std::move(opens)}};
}

std::string relaxation_in_words(const json::object& relaxation) {
  std::string words;
  const auto add = [&words](const std::string& more) { words += (words.empty() ? "" : "; ") + more; };
  for (const auto& value : store::array_in(relaxation, "drops")) {
    const auto& drop = value.get_object();
    const auto skill = store::text(drop, "skill");
    const auto from = store::number(drop, "from");
    const auto to = store::number(drop, "to");
    add(to > 0 ? fmt::format("{} {} is enough instead of {}", skill, to, from)
               : fmt::format("{} {} is not asked for any more", skill, from));
  }
  for (const auto& ring : store::array_in(relaxation, "opens")) {
    add(fmt::format("agents of {} may take it too", std::string_view(ring.get_string())));
  }
  return words;
}

}  // namespace peyk::routing
