#include "config/overrides.h"

#include <string_view>

#include <fmt/format.h>

namespace peyk::config {
namespace {

/// The value of `key` in `node`, made when it is not there; a copy where aliases may share it.
Node* step_into(Node& node, const std::string& key, const Mark& mark) {
  for (auto& member : node.members) {
    if (member.key != key) continue;
    member.value = std::make_shared<Node>(*member.value);
    return member.value.get();
  }
  auto made = std::make_shared<Node>();
  made->mark = mark;
  node.members.push_back(Member{key, mark, made});
  return made.get();
}

void apply(Node& root, const std::string& path, const std::string& text, std::vector<Problem>& problems) {
  const auto file = "--set " + path;
  const auto value = parse_yaml(text, file, problems);
  if (value == nullptr) return;
  auto* node = &root;
  for (std::string_view rest = path; !rest.empty();) {
    const auto dot = rest.find('.');
    const std::string key(rest.substr(0, dot));
    if (node->kind == Node::Kind::null) node->kind = Node::Kind::map;
    if (node->kind != Node::Kind::map || key.empty()) {
      problems.push_back(error_at(Mark{value->mark.file, 0, 0}, fmt::format("there is no place for \"{}\"", key)));
      return;
    }
    node = step_into(*node, key, value->mark);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  *node = *value;
}

}  // namespace

void apply_overrides(Node& root, const std::map<std::string, std::string>& overrides, std::vector<Problem>& problems) {
  for (const auto& [path, text] : overrides) apply(root, path, text, problems);
}

}  // namespace peyk::config
