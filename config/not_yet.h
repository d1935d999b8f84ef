// The keys whose feature is not built: they are validated, and where set, the operator is told.
#pragma once

#include <vector>

#include "config/yaml_tree.h"

namespace peyk::config {

struct NotYetUse {
  std::string key;
  std::string message;
  Mark mark;
};

/// Every use of such a key in `root`.
std::vector<NotYetUse> find_not_yet(const Node& root);

}  // namespace peyk::config
