// GET /openapi.yaml: the description of the HTTP interface, compiled in.
#pragma once

#include <string_view>

#include "base/net/http.h"

namespace peyk::daemon {

/// docs/openapi.yaml as it was when the program was built.
std::string_view openapi_yaml();

void attach_description(net::Routes& routes);

}  // namespace peyk::daemon
