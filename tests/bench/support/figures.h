// Quantiles for tables.
#pragma once

#include <algorithm>
#include <vector>

namespace peyk::bench {

class Quantiles {
 public:
  explicit Quantiles(std::vector<double> values) : values_(std::move(values)) { std::ranges::sort(values_); }

  double at(double share) const {
    if (values_.empty()) return 0;
    return values_[static_cast<std::size_t>(share * static_cast<double>(values_.size() - 1))];
  }

 private:
  std::vector<double> values_;
};

}  // namespace peyk::bench
