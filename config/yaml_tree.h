// YAML text as a tree that remembers where everything stands. Stricter than the YAML library under it: duplicate keys,
// merge keys, second documents, invalid UTF-8 and expansions without bound are errors here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader.h"

namespace peyk::config {

struct YamlLimits {
  std::size_t bytes = std::size_t{8} << 20U;
  std::size_t nodes = 2'000'000;  // with every alias counted as what it stands for
  int depth = 24;
};

struct Mark {
  std::shared_ptr<const std::string> file;
  int line = 0;  // from 1; 0: the file as a whole
  int column = 0;
};

struct Node;
using NodePtr = std::shared_ptr<Node>;

struct Member {
  std::string key;
  Mark mark;
  NodePtr value;
};

struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;  // of a scalar
  Mark mark;
  std::vector<NodePtr> items;
  std::vector<Member> members;  // in the order of the file
  std::size_t weight = 1;       // nodes in it, aliases expanded

  const Member* find(std::string_view key) const;
};

Place to_place(const Mark& mark);
Problem error_at(const Mark& mark, std::string message);

/// Null exactly when `problems` got an error. Duplicate keys are reported, all of them, and the tree is kept.
NodePtr parse_yaml(std::string_view text, const std::string& file, std::vector<Problem>& problems,
                   const YamlLimits& limits = {});

}  // namespace peyk::config
