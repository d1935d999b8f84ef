// Reports and differences as JSON; what means what is in docs/simulation.md. Durations are seconds.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "routing/simulation/comparison.h"
#include "routing/simulation/report.h"

namespace peyk::routing::simulation {

boost::json::object to_json(const Report& report, std::span<const std::uint64_t> seeds);
boost::json::array to_json(std::span<const FigureEstimate> estimates);
boost::json::array to_json(std::span<const Difference> differences);

}  // namespace peyk::routing::simulation
