// What peykd is told on its command line.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>

namespace peyk::daemon {

struct Options {
  std::filesystem::path config;
  bool check = false;  // validate, print, leave
  /// Dotted path → YAML: what `--set http.listen=[127.0.0.1:0]` overrides in the file, on reloads too.
  std::map<std::string, std::string> overrides;
};

/// The program ends here with this status: help and version were printed, or what was wrong with the arguments.
struct Leave {
  int status = 0;
};

std::variant<Options, Leave> parse_options(int argc, const char* const* argv);

}  // namespace peyk::daemon
