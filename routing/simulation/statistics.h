// What is computed from numbers: quantiles, inequality, confidence.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace peyk::routing::simulation {

/// The least of `sorted` (rising) that at least `share` of them do not exceed: a value that was really there. 0 of
/// none.
double quantile(std::span<const double> sorted, double share);

double mean(std::span<const double> values);

/// Gini's coefficient of values that are not negative: 0 when all are equal, (n−1)/n when one has everything. 0 of
/// none, and when all are zero.
double gini(std::vector<double> values);

/// The mean and what is likely: with 95 % confidence the true one is within `half` of it, by Student's t.
struct Estimate {
  double mean = 0;
  std::optional<double> half;  // none of fewer than two values
};
Estimate estimate(std::span<const double> values);

inline constexpr double kConfidence = 0.95;

}  // namespace peyk::routing::simulation
