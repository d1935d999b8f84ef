#include "routing/simulation/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/math/distributions/students_t.hpp>

namespace peyk::routing::simulation {

double quantile(std::span<const double> sorted, double share) {
  if (sorted.empty()) return 0;
  // What a share such as 0.95 lacks to the real one must not cost a place: 0.95 · 20 is the 19th.
  const auto place = std::ceil(share * static_cast<double>(sorted.size()) - 1e-9);
  const auto index = static_cast<std::size_t>(std::max(place, 1.0)) - 1;
  return sorted[std::min(index, sorted.size() - 1)];
}

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double gini(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  double weighted = 0;
  for (std::size_t place = 0; place < values.size(); ++place) {
    sum += values[place];
    weighted += static_cast<double>(place + 1) * values[place];
  }
  if (sum <= 0) return 0;
  const auto count = static_cast<double>(values.size());
  return 2 * weighted / (count * sum) - (count + 1) / count;
}

Estimate estimate(std::span<const double> values) {
  Estimate result{mean(values), std::nullopt};
  if (values.size() < 2) return result;
  double squares = 0;
  for (const auto value : values) squares += (value - result.mean) * (value - result.mean);
  const auto count = static_cast<double>(values.size());
  const boost::math::students_t distribution(count - 1);
  const double t = boost::math::quantile(distribution, (1 + kConfidence) / 2);
  result.half = t * std::sqrt(squares / (count - 1) / count);
  return result;
}

}  // namespace peyk::routing::simulation
