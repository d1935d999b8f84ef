#include "config/not_yet.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace peyk::config {
namespace {

struct Unbuilt {
  std::string_view path;   // "*": any name or place in a list
  std::string_view value;  // only this value; empty: any
  std::string_view instead;
};

/// Who builds a feature removes its line.
constexpr std::array<Unbuilt, 1> kUnbuilt{{
    {"channels.*.imap", "", "no mail is fetched; let a mail server deliver over lmtp"},
}};

class Finder {
 public:
  Finder(const Unbuilt& unbuilt, std::vector<NotYetUse>& uses) : unbuilt_(unbuilt), uses_(uses) {}

  void descend(const Node& node, std::string_view path, const std::string& way) {
    const auto dot = path.find('.');
    const auto step = path.substr(0, dot);
    const auto rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    for (const auto& member : node.members) {
      if (step != "*" && step != member.key) continue;
      const auto key = way.empty() ? member.key : way + "." + member.key;
      reach(*member.value, member.mark, rest, key);
    }
    for (std::size_t at = 0; step == "*" && at < node.items.size(); ++at) {
      reach(*node.items[at], node.items[at]->mark, rest, fmt::format("{}[{}]", way, at));
    }
  }

 private:
  void reach(const Node& node, const Mark& mark, std::string_view rest, const std::string& key) {
    if (!rest.empty()) {
      descend(node, rest, key);
      return;
    }
    if (node.kind == Node::Kind::null || (!unbuilt_.value.empty() && node.text != unbuilt_.value)) return;
    const auto value = unbuilt_.value.empty() ? std::string() : fmt::format(": {}", unbuilt_.value);
    uses_.push_back(NotYetUse{key, fmt::format("\"{}{}\" is not built yet: {}", key, value, unbuilt_.instead), mark});
  }

  const Unbuilt& unbuilt_;
  std::vector<NotYetUse>& uses_;
};

}  // namespace

std::vector<NotYetUse> find_not_yet(const Node& root) {
  std::vector<NotYetUse> uses;
  for (const auto& unbuilt : kUnbuilt) Finder(unbuilt, uses).descend(root, unbuilt.path, {});
  return uses;
}

}  // namespace peyk::config
