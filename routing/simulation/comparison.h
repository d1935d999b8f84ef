// The main figures of runs, and by how much those of two configurations differ.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "routing/simulation/report.h"
#include "routing/simulation/statistics.h"

namespace peyk::routing::simulation {

enum class Unit : std::uint8_t { share, seconds, index };
enum class Better : std::uint8_t { lower, higher, neither };

/// A figure of all conversations, or of one queue's.
struct Figure {
  QueueName queue;        // empty: all
  std::string_view name;  // "wait_p95"
  Unit unit = Unit::share;
  Better better = Better::neither;
  std::optional<double> value;  // none: nothing to measure
};

/// Of all first, then by queue; always in the same order.
std::vector<Figure> figures_of(const Report& report);

struct FigureEstimate {
  Figure figure;  // without value
  Estimate estimate;
};

/// Over the runs of one configuration; figures that no run has are left out.
std::vector<FigureEstimate> estimate_figures(std::span<const Report> runs);

enum class Verdict : std::uint8_t { a_better, b_better, none };

struct Difference {
  Figure figure;  // without value
  double a = 0;   // means
  double b = 0;
  Estimate difference;              // of A − B
  Verdict verdict = Verdict::none;  // whether the interval leaves out zero, and then who is better
};

/// Run by run: the n-th of `a` and of `b` had the same day. Figures that only one configuration has are left out.
std::vector<Difference> compare(std::span<const Report> a, std::span<const Report> b);

}  // namespace peyk::routing::simulation
