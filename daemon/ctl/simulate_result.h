// What simulated runs gave, and how it is shown: tables for people, JSON for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "config/config.h"
#include "daemon/ctl/style.h"
#include "routing/simulation/comparison.h"
#include "routing/simulation/report.h"

namespace peyk::ctl {

/// One configuration's runs, in the order of the seeds.
struct SimulatedConfig {
  config::ConfigPtr config;
  std::vector<routing::simulation::Outcome> outcomes;
  std::vector<routing::simulation::Report> reports;  // of each run
  routing::simulation::Report together;
};

struct SimulateResult {
  std::vector<std::uint64_t> seeds;
  std::string source;    // the trace, or else the profile
  std::string timezone;  // of times shown
  Time begin;
  Time end;
  std::vector<SimulatedConfig> configs;  // one or two
};

/// Makes the reports of `outcomes`, which have the same `end`.
SimulatedConfig make_simulated(config::ConfigPtr config, std::vector<routing::simulation::Outcome> outcomes, Time end);

std::string render_tables(const SimulateResult& result, const Style& style);
/// The same for the same input: says nothing of how long it took.
boost::json::object render_json(const SimulateResult& result);

}  // namespace peyk::ctl
