// What is looked at before a request becomes a WebSocket (RFC 6455, 4.2.1).
#pragma once

#include <optional>
#include <string_view>

#include "base/net/http.h"

namespace peyk::net {

/// The answer that refuses the upgrade, or nothing when it may go on: version, key, the route's guard, its subprotocol.
std::optional<Response> check_handshake(const Request& request, const WebSocketRoute& route);

/// Whether a comma-separated list of tokens in headers of that name has `token`, letter for letter.
bool offers(const Headers& headers, std::string_view name, std::string_view token);

}  // namespace peyk::net
