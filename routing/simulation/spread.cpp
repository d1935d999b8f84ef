#include "routing/simulation/spread.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace peyk::routing::simulation {
namespace {

/// Nine in ten of a standard normal distribution are below it.
constexpr double kNormalP90 = 1.2815515655446004;
constexpr double kLongestMs = 30.0 * 86'400'000;

double ms(Milliseconds value) {
  return static_cast<double>(value.count());
}

/// Box and Muller's method: two draws give one number, the other half is not kept, so that a number depends on nothing
/// but its own draws.
double draw_normal(SeededRandom& random) {
  const double radius = std::sqrt(-2 * std::log(draw_uniform(random)));
  return radius * std::cos(2 * std::numbers::pi * draw_uniform(random));
}

struct Drawing {
  SeededRandom& random;
  double operator()(const Fixed& fixed) const { return ms(fixed.value); }
  double operator()(const Exponential& spread) const { return ms(spread.mean) * draw_gap(random); }
  double operator()(const Lognormal& spread) const { return std::exp(spread.mu + spread.sigma * draw_normal(random)); }
};

}  // namespace

Result<Lognormal> lognormal_of_mean(Milliseconds mean, Milliseconds p90) {
  // ln p90 = mu + z·sigma and ln mean = mu + sigma²/2 leave a quadratic for sigma.
  const double ratio = mean > Milliseconds::zero() ? std::log(ms(p90) / ms(mean)) : -1;
  const double root = kNormalP90 * kNormalP90 - 2 * ratio;
  if (!(ratio > 0) || root < 0) {
    return fail(ErrorCode::invalid, "p90 must be more than the mean, and at most 2.27 times as much");
  }
  const double sigma = kNormalP90 - std::sqrt(root);
  return Lognormal{std::log(ms(mean)) - sigma * sigma / 2, sigma};
}

Result<Lognormal> lognormal_of_median(Milliseconds median, Milliseconds p90) {
  if (median <= Milliseconds::zero() || p90 <= median) {
    return fail(ErrorCode::invalid, "p90 must be more than the median");
  }
  return Lognormal{std::log(ms(median)), std::log(ms(p90) / ms(median)) / kNormalP90};
}

double draw_uniform(SeededRandom& random) {
  // 52 bits, each value in the middle of its interval: exact, and neither 0 nor 1.
  constexpr double kStep = 1.0 / 4503599627370496.0;
  return (static_cast<double>(random.next() >> 12U) + 0.5) * kStep;
}

double draw_gap(SeededRandom& random) {
  return -std::log(draw_uniform(random));
}

Milliseconds draw(const Spread& spread, SeededRandom& random) {
  const double drawn = std::visit(Drawing{random}, spread);
  return Milliseconds(std::llround(std::clamp(drawn, 0.0, kLongestMs)));
}

}  // namespace peyk::routing::simulation
