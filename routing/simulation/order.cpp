#include "routing/simulation/order.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace peyk::routing::simulation {

void sort_by_time(std::vector<Arrival>& arrivals) {
  std::vector<std::size_t> order(arrivals.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&arrivals](std::size_t left, std::size_t right) {
    return std::tie(arrivals[left].at, left) < std::tie(arrivals[right].at, right);
  });
  std::vector<Arrival> sorted;
  sorted.reserve(arrivals.size());
  for (const auto index : order) sorted.push_back(std::move(arrivals[index]));
  arrivals = std::move(sorted);
}

}  // namespace peyk::routing::simulation
