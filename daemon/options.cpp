#include "daemon/options.h"

#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace peyk::daemon {
namespace {

/// "path=value" into the map; the value may hold further equal signs.
void add_override(std::map<std::string, std::string>& overrides, const std::string& argument) {
  const auto equals = argument.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw CLI::ValidationError("--set", "\"" + argument + "\" is not path=value, such as http.listen=[127.0.0.1:0]");
  }
  overrides[argument.substr(0, equals)] = argument.substr(equals + 1);
}

}  // namespace

std::variant<Options, Leave> parse_options(int argc, const char* const* argv) {
  Options options;
  std::string config;
  CLI::App app("Peyk: routes messages of every channel to the agent whose skills and load fit best.", "peykd");
  app.set_version_flag("--version", "peykd " PEYK_VERSION);
  app.add_option("-c,--config", config, "the configuration file")->required()->type_name("FILE");
  app.add_flag("--check", options.check, "validate the configuration, print what is wrong with it, and leave");
  app.add_option_function<std::vector<std::string>>(
         "--set",
         [&options](const std::vector<std::string>& arguments) {
           for (const auto& argument : arguments) add_override(options.overrides, argument);
         },
         "override one key of the configuration (may be repeated)")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->take_all()
      ->delimiter('\0');
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return Leave{app.exit(error)};
  }
  options.config = config;
  return options;
}

}  // namespace peyk::daemon
