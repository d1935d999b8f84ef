#include "routing/demand_text.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::routing {

StoredDemand read_demand(std::string_view stored) {
  StoredDemand demand;
  const auto parts = split(stored, '+');
  for (const auto need : split(parts.front(), ',')) {
    const auto equals = need.find('=');
    if (equals == std::string_view::npos) continue;
    int level = 0;
    std::from_chars(need.data() + equals + 1, need.data() + need.size(), level);
    demand.levels.emplace_back(need.substr(0, equals), level);
  }
  demand.rings.assign(parts.begin() + 1, parts.end());
  return demand;
}

std::string demand_in_words(std::string_view stored) {
  const auto demand = read_demand(stored);
  std::string words;
  const auto add = [&words](const std::string& more) { words += (words.empty() ? "" : ", ") + more; };
  for (const auto& [skill, level] : demand.levels) add(fmt::format("{} {}", skill, level));
  for (const auto& ring : demand.rings) add("also from " + ring);
  return words;
}

}  // namespace peyk::routing
