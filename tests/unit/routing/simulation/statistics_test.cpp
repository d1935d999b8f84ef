// Quantiles, Gini and confidence intervals against known values.
#include "routing/simulation/statistics.h"

#include <vector>

#include <doctest/doctest.h>

namespace peyk::routing::simulation {

TEST_CASE("a quantile is the least value that so large a share does not exceed") {
  const std::vector<double> ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  CHECK(quantile(ten, 0.5) == 5);
  CHECK(quantile(ten, 0.9) == 9);
  CHECK(quantile(ten, 0.95) == 10);
  CHECK(quantile(ten, 0.99) == 10);
  CHECK(quantile(ten, 1) == 10);
  CHECK(quantile(ten, 0) == 1);
  const std::vector<double> one{4};
  CHECK(quantile(one, 0.5) == 4);
  CHECK(quantile({}, 0.5) == 0);
  std::vector<double> twenty;
  for (int i = 1; i <= 20; ++i) twenty.push_back(i);
  CHECK(quantile(twenty, 0.95) == 19);
}

TEST_CASE("Gini: nothing for equals, three quarters when one of four has all, a quarter for 1 2 3 4") {
  CHECK(gini({5, 5, 5}) == doctest::Approx(0));
  CHECK(gini({0, 0, 0, 8}) == doctest::Approx(0.75));
  CHECK(gini({4, 1, 3, 2}) == doctest::Approx(0.25));  // 2·(1+4+9+16)/(4·10) − 5/4
  CHECK(gini({}) == 0);
  CHECK(gini({0, 0}) == 0);
  CHECK(gini({7}) == doctest::Approx(0));
}

TEST_CASE("an estimate's half width is Student's t times the standard error") {
  // 1, 2, 3, 4, 5: mean 3, variance 2.5, standard error 0.70711; t of 4 degrees at 97.5 % is 2.77645.
  const std::vector<double> values{1, 2, 3, 4, 5};
  const auto result = estimate(values);
  CHECK(result.mean == doctest::Approx(3));
  REQUIRE(result.half.has_value());
  CHECK(*result.half == doctest::Approx(1.96324).epsilon(0.00001));
}

TEST_CASE("two values have an interval, wide as it is; one has none") {
  const std::vector<double> two{1, 3};  // standard error 1; t of 1 degree is 12.7062
  CHECK(*estimate(two).half == doctest::Approx(12.7062).epsilon(0.00001));
  const std::vector<double> one{4};
  CHECK(estimate(one).mean == 4);
  CHECK_FALSE(estimate(one).half.has_value());
}

}  // namespace peyk::routing::simulation
