#include "channels/pages/catalogue.h"

#include <algorithm>

namespace peyk::channels::pages {

const Catalogue& catalogue(std::string_view language) {
  for (const auto* known : {&kPersian, &kArmenian}) {
    if (known->language == language) return *known;
  }
  return kEnglish;
}

std::string fill(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string>> values) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    const auto name = text.substr(open + 1, close - open - 1);
    const auto* const value = std::ranges::find(values, name, [](const auto& pair) { return pair.first; });
    out += text.substr(0, open);
    out += value == values.end() ? text.substr(open, close - open + 1) : std::string_view(value->second);
    text.remove_prefix(close + 1);
  }
  return out.append(text);
}

}  // namespace peyk::channels::pages
