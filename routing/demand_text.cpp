#include "routing/demand_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace peyk::routing {
namespace {

std::string skills_in_words(std::string_view skills) {
  std::string words;
  for (const char c : skills) {
    if (c == ',') words += ',';
    words += c == '=' || c == ',' ? ' ' : c;
  }
  return words;
}

}  // namespace

std::string demand_in_words(std::string_view stored) {
  const auto rings = std::min(stored.find('+'), stored.size());
  auto words = skills_in_words(stored.substr(0, rings));
  for (auto rest = stored.substr(rings); !rest.empty();) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('+'), rest.size());
    words += fmt::format("{}also from {}", words.empty() ? "" : ", ", rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return words;
}

}  // namespace peyk::routing
