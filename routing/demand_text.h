// A demand as the store writes it ("cooling=4,fa=3+billing"): its parts, and in words.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peyk::routing {

struct StoredDemand {
  std::vector<std::pair<std::string, int>> levels;  // by skill, as they stand
  std::vector<std::string> rings;                   // queues
};

StoredDemand read_demand(std::string_view stored);

/// "cooling 4, fa 3, also from billing"; empty for a demand that asks for nothing but the queue.
std::string demand_in_words(std::string_view stored);

}  // namespace peyk::routing
