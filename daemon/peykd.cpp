// peykd: the daemon.
#include <iostream>
#include <variant>

#include "config/loader.h"
#include "daemon/check.h"
#include "daemon/lifecycle.h"
#include "daemon/options.h"

int main(int argc, char** argv) {
  using namespace peyk;
  const auto parsed = daemon::parse_options(argc, argv);
  if (const auto* leave = std::get_if<daemon::Leave>(&parsed)) return leave->status;
  const auto& options = std::get<daemon::Options>(parsed);
  if (options.check) return daemon::run_check(options, std::cout, std::cerr);
  auto loaded = config::load(options.config, daemon::load_options(options));
  for (const auto& problem : loaded.problems) std::cerr << config::to_string(problem) << '\n';
  if (!loaded.ok()) return 1;
  return daemon::run_daemon(options, std::move(loaded));
}
