// What of a peer's answer may stand in a log.
#pragma once

#include <string>
#include <string_view>

namespace peyk::routing {

/// Of a mail server's answer its codes alone ("550 5.1.1"): its words name addresses. Of our own words all but what
/// looks like an address.
std::string loggable(std::string_view detail);

}  // namespace peyk::routing
