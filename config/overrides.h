// Values set from outside of the file, before it is validated.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/yaml_tree.h"

namespace peyk::config {

/// Sets each dotted path in `root` to its value (YAML, a scalar or in flow style); keys that are not there are made.
/// Problems name the override as their file: "--set http.listen:1:1: …".
void apply_overrides(Node& root, const std::map<std::string, std::string>& overrides, std::vector<Problem>& problems);

}  // namespace peyk::config
