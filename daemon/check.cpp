#include "daemon/check.h"

#include <cstdlib>
#include <ostream>

#include "base/clock.h"
#include "config/starvation.h"

namespace peyk::daemon {

config::LoadOptions load_options(const Options& options) {
  config::LoadOptions load;
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials != nullptr) load.credentials_directory = credentials;
  load.secrets_required = !options.check;
  load.overrides = options.overrides;
  return load;
}

int run_check(const Options& options, std::ostream& out, std::ostream& err) {
  const auto result = config::load(options.config, load_options(options));
  for (const auto& problem : result.problems) {
    (problem.severity == config::Severity::error ? out : err) << config::to_string(problem) << '\n';
  }
  if (!result.ok()) return 1;
  out << "configuration ok\n" << config::describe_starvation(*result.config, system_clock().now());
  return 0;
}

}  // namespace peyk::daemon
