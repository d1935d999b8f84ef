// A place in the queue as the API writes it: whole seconds, null where nothing is known.
#pragma once

#include <optional>

#include <boost/json/value.hpp>

#include "routing/channel_messages.h"

namespace peyk::channels {

boost::json::value position_json(const std::optional<int>& position);
boost::json::value wait_json(const std::optional<routing::WaitEstimate>& wait);

}  // namespace peyk::channels
