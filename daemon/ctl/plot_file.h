// Draws a plot with gnuplot, as a child process that sees no shell.
#pragma once

#include <span>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "routing/simulation/plot.h"

namespace peyk::ctl {

namespace asio = boost::asio;

/// By the name's end, .svg or .png; `invalid` for another.
Result<routing::simulation::PlotFormat> plot_format_of(const std::string& file);

/// Whether gnuplot is installed; the error says how to get it.
Result<> find_gnuplot();

/// Writes `file`, whole or not at all. `options` says all but format and names. From the main thread.
asio::awaitable<Result<>> write_plot(std::string file, std::span<const routing::simulation::PlotRun> runs,
                                     routing::simulation::PlotOptions options);

}  // namespace peyk::ctl
