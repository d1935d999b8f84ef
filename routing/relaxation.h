// A step by which a demand becomes wider: what it drops, and which rings it opens.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace peyk::routing {

/// From one demand to a later one, both as the store writes them: `demand` (the later one in words), `drops`
/// (`skill`, `from`, `to`; 0: not asked for any more), `opens` (queues).
boost::json::object relaxation(std::string_view from, std::string_view to);

/// "cooling 2 is enough instead of 4; agents of billing may take it too"; empty when nothing changes.
std::string relaxation_in_words(const boost::json::object& relaxation);

}  // namespace peyk::routing
