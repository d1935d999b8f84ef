#include "channels/web/wait_json.h"

#include <cmath>

#include <boost/json.hpp>

namespace peyk::channels {

boost::json::value position_json(const std::optional<int>& position) {
  if (!position) return nullptr;
  return *position;
}

boost::json::value wait_json(const std::optional<routing::WaitEstimate>& wait) {
  if (!wait) return nullptr;
  return boost::json::object{{"p50", static_cast<std::int64_t>(std::llround(wait->p50))},
                             {"p90", static_cast<std::int64_t>(std::llround(wait->p90))}};
}

}  // namespace peyk::channels
