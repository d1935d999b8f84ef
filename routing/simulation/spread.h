// How long things take: a distribution of durations, and numbers drawn from it that are the same on every machine.
#pragma once

#include <variant>

#include "base/clock.h"
#include "base/random.h"

namespace peyk::routing::simulation {

struct Fixed {
  Milliseconds value{0};
};

struct Exponential {
  Milliseconds mean{0};
};

/// exp(mu + sigma·Z) milliseconds, Z standard normal.
struct Lognormal {
  double mu = 0;
  double sigma = 0;
};

using Spread = std::variant<Fixed, Exponential, Lognormal>;

/// `invalid` unless mean < p90 < 2.27 mean: no lognormal distribution is wider than that by this measure. Of the two
/// that fit, the narrower one.
Result<Lognormal> lognormal_of_mean(Milliseconds mean, Milliseconds p90);
/// `invalid` unless median < p90.
Result<Lognormal> lognormal_of_median(Milliseconds median, Milliseconds p90);

/// In (0, 1).
double draw_uniform(SeededRandom& random);
/// Of a Poisson process: the time to its next event, in units of its mean gap.
double draw_gap(SeededRandom& random);
/// At most thirty days, whatever the distribution's tail says.
Milliseconds draw(const Spread& spread, SeededRandom& random);

}  // namespace peyk::routing::simulation
