#include "routing/relaxation.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <ranges>
#include <vector>

#include <fmt/format.h>

#include "routing/demand_text.h"
#include "routing/store/replies.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

struct Parts {
  std::map<std::string, int, std::less<>> levels;
  std::vector<std::string> rings;
};

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, at)) parts.emplace_back(part.begin(), part.end());
  return parts;
}

Parts parse(std::string_view demand) {
  Parts parsed;
  parsed.rings = split(demand, '+');
  if (parsed.rings.empty()) return parsed;
  for (const auto& need : split(parsed.rings.front(), ',')) {
    const auto equals = need.find('=');
    if (equals == std::string::npos) continue;
    int level = 0;
    std::from_chars(need.data() + equals + 1, need.data() + need.size(), level);
    parsed.levels.emplace(need.substr(0, equals), level);
  }
  parsed.rings.erase(parsed.rings.begin());
  return parsed;
}

}  // namespace

json::object relaxation(std::string_view from, std::string_view to) {
  const auto now = parse(from);
  const auto then = parse(to);
  json::array drops;
  for (const auto& [skill, level] : now.levels) {
    const auto kept = then.levels.find(skill);
    const int left = kept == then.levels.end() ? 0 : kept->second;
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
