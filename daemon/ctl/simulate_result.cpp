#include "daemon/ctl/simulate_result.h"

#include <utility>

#include "config/local_time.h"
#include "routing/simulation/report_json.h"

namespace peyk::ctl {
namespace {

namespace json = boost::json;
namespace simulation = routing::simulation;

json::object config_json(const SimulatedConfig& one, std::span<const std::uint64_t> seeds) {
  auto object = simulation::to_json(one.together, seeds);
  object["file"] = one.config->file;
  object["config_version"] = one.config->config_version;
  object["figures"] = simulation::to_json(simulation::estimate_figures(one.reports));
  return object;
}

}  // namespace

SimulatedConfig make_simulated(config::ConfigPtr config, std::vector<simulation::Outcome> outcomes, Time end) {
  SimulatedConfig made;
  made.outcomes = std::move(outcomes);
  std::vector<simulation::RunOutcome> runs;
  runs.reserve(made.outcomes.size());
  for (const auto& outcome : made.outcomes) runs.push_back({&outcome, end});
  for (const auto& run : runs) made.reports.push_back(simulation::make_report(std::span(&run, 1), *config));
  made.together = simulation::make_report(runs, *config);
  made.config = std::move(config);
  return made;
}

json::object render_json(const SimulateResult& result) {
  json::array seeds(result.seeds.begin(), result.seeds.end());
  json::object document{{"source", result.source},
                        {"begin", to_rfc3339(result.begin)},
                        {"end", to_rfc3339(result.end)},
                        {"seeds", std::move(seeds)},
                        {"confidence", simulation::kConfidence}};
  document["a"] = config_json(result.configs.front(), result.seeds);
  if (result.configs.size() < 2) return document;
  document["b"] = config_json(result.configs.back(), result.seeds);
  document["difference"] =
      simulation::to_json(simulation::compare(result.configs.front().reports, result.configs.back().reports));
  return document;
}

}  // namespace peyk::ctl
