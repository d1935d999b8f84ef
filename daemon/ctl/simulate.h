// `peykctl simulate`: what a day would be like with a configuration, or with either of two. Needs no daemon.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/ctl/commands.h"

namespace peyk::ctl {

struct SimulateOptions {
  std::vector<std::string> configs;  // one or two
  std::string trace;                 // CSV; with it, `profile` tells the shifts alone
  std::string profile;               // YAML
  std::string date;                  // of times without one; overrules the profile's
  int seeds = 0;                     // 0: five for two configurations, else one
  std::uint64_t seed = 1;            // of the first run
  std::string plot;                  // .svg or .png; empty: none
};

/// Prints the report, or on standard error everything that is wrong with what was given.
asio::awaitable<int> run_simulate(SimulateOptions options, Output output);

}  // namespace peyk::ctl
