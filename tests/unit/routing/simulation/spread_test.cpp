// Random durations: their means, quantiles and limits, the same on every machine.
#include "routing/simulation/spread.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

namespace peyk::routing::simulation {
namespace {

std::vector<double> drawn(const Spread& spread, std::size_t count = 100'000) {
  SeededRandom random(7);
  std::vector<double> values;
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<double>(draw(spread, random).count()));
  std::sort(values.begin(), values.end());
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("a fixed spread is always the same") {
  const auto values = drawn(Fixed{Milliseconds(90'000)}, 100);
  CHECK(values.front() == 90'000);
  CHECK(values.back() == 90'000);
}

TEST_CASE("an exponential spread has its mean, and 1 in e is longer") {
  const auto values = drawn(Exponential{Milliseconds(300'000)});
  CHECK(mean_of(values) == doctest::Approx(300'000).epsilon(0.02));
  const auto longer = std::count_if(values.begin(), values.end(), [](double value) { return value > 300'000; });
  CHECK(static_cast<double>(longer) / 100'000 == doctest::Approx(std::exp(-1)).epsilon(0.02));
}

TEST_CASE("a lognormal spread has the mean or median, and the p90, that it was given") {
  const auto by_mean = lognormal_of_mean(Milliseconds(360'000), Milliseconds(720'000));
  REQUIRE(by_mean);
  const auto values = drawn(*by_mean);
  CHECK(mean_of(values) == doctest::Approx(360'000).epsilon(0.02));
  CHECK(values[90'000] == doctest::Approx(720'000).epsilon(0.02));

  const auto by_median = lognormal_of_median(Milliseconds(360'000), Milliseconds(720'000));
  REQUIRE(by_median);
  const auto others = drawn(*by_median);
  CHECK(others[50'000] == doctest::Approx(360'000).epsilon(0.02));
  CHECK(others[90'000] == doctest::Approx(720'000).epsilon(0.02));
}

TEST_CASE("what no lognormal distribution can be is refused") {
  CHECK_FALSE(lognormal_of_mean(Milliseconds(100), Milliseconds(100)));
  CHECK_FALSE(lognormal_of_mean(Milliseconds(100), Milliseconds(228)));
  CHECK(lognormal_of_mean(Milliseconds(100), Milliseconds(227)));
  CHECK_FALSE(lognormal_of_median(Milliseconds(100), Milliseconds(99)));
}

TEST_CASE("the same seed draws the same numbers on every machine") {
  SeededRandom random(1);
  CHECK(draw_uniform(random) == 0.5665615751722809);
  CHECK(draw(Exponential{Milliseconds(1'000'000)}, random).count() > 0);
}

TEST_CASE("uniform draws are spread evenly and never touch the ends") {
  SeededRandom random(3);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = draw_uniform(random);
    REQUIRE(value > 0);
    REQUIRE(value < 1);
    sum += value;
  }
  CHECK(sum / 100'000 == doctest::Approx(0.5).epsilon(0.01));
}

}  // namespace peyk::routing::simulation
