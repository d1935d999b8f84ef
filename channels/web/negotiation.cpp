#include "channels/web/negotiation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace peyk::channels {
namespace {

constexpr std::array<std::string_view, 3> kLanguages{"en", "fa", "hy"};

struct Weighted {
  std::string name;  // lower case
  double weight = 1;
};

double weight_of(std::string_view parameter) {
  const auto text = trim(parameter);
  if (!text.starts_with("q=") && !text.starts_with("Q=")) return 1;
  double value = 0;
  const auto digits = text.substr(2);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() ? std::clamp(value, 0.0, 1.0) : 0;
}

/// RFC 9110, 12.4.2: names with weights, in the order given.
std::vector<Weighted> parse_weighted(std::string_view header) {
  std::vector<Weighted> items;
  for (const auto part : split(header, ',')) {
    const auto pieces = split(part, ';');
    Weighted item{ascii_lower(trim(pieces.front())), 1};
    for (std::size_t at = 1; at < pieces.size(); ++at) item.weight = std::min(item.weight, weight_of(pieces[at]));
    if (!item.name.empty() && item.weight > 0) items.push_back(std::move(item));
  }
  return items;
}

double weight_in(const std::vector<Weighted>& items, std::string_view name) {
  const auto found = std::ranges::find(items, name, &Weighted::name);
  return found == items.end() ? 0 : found->weight;
}

/// "fa-IR" → "fa"; empty when there are no texts in that language.
std::string known_language(std::string_view tag) {
  const auto primary = ascii_lower(trim(tag.substr(0, tag.find_first_of("-_"))));
  return std::ranges::find(kLanguages, primary) == kLanguages.end() ? std::string() : primary;
}

}  // namespace

bool wants_page(std::string_view accept) {
  const auto items = parse_weighted(accept);
  const double page = std::max(weight_in(items, "text/html"), weight_in(items, "application/xhtml+xml"));
  return page > 0 && page >= weight_in(items, "application/json");
}

std::string choose_language(const net::Request& request, std::string_view fallback) {
  if (const auto asked = request.query.find("lang"); asked != request.query.end()) {
    if (auto language = known_language(asked->second); !language.empty()) return language;
  }
  std::string best;
  double weight = 0;
  for (const auto& item : parse_weighted(request.headers.get("Accept-Language"))) {
    auto language = known_language(item.name);
    if (language.empty() || item.weight <= weight) continue;
    best = std::move(language);
    weight = item.weight;
  }
  if (!best.empty()) return best;
  auto language = known_language(fallback);
  return language.empty() ? "en" : language;
}

}  // namespace peyk::channels
