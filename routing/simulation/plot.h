// A picture of a simulated day: waits above, queue lengths below. As files for gnuplot, which somebody else runs.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

enum class PlotFormat : std::uint8_t { svg, png };

/// What a configuration's day was.
struct PlotRun {
  std::string label;  // stands in the legend
  const Outcome* outcome = nullptr;
};

struct PlotOptions {
  PlotFormat format = PlotFormat::svg;
  std::string output;    // the file the script writes, without quotes in its name
  std::string data;      // the file the script reads
  std::string timezone;  // of the time axis
  Time begin;
  Time end;
};

struct PlotFiles {
  std::string script;
  std::string data;
};

/// The six queues with most conversations in the first run, a colour each; the second run's lines are dashed.
PlotFiles make_plot(std::span<const PlotRun> runs, const PlotOptions& options);

}  // namespace peyk::routing::simulation
