#include "base/net/websocket_handshake.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::net {
namespace {

constexpr std::size_t kKeyBytes = 16;

}  // namespace

bool offers(const Headers& headers, std::string_view name, std::string_view token) {
  return std::ranges::any_of(headers.all(), [name, token](const auto& field) {
    if (!ascii_iequals(field.first, name)) return false;
    const auto tokens = split(field.second, ',');
    return std::ranges::any_of(tokens, [token](std::string_view one) { return trim(one) == token; });
  });
}

std::optional<Response> check_handshake(const Request& request, const WebSocketRoute& route) {
  if (request.headers.get("Sec-WebSocket-Version") != "13") {
    auto response = Response::problem(426, "WebSocket is spoken in version 13 here.");
    response.headers.add("Sec-WebSocket-Version", "13");
    return response;
  }
  const auto key = base64_decode(request.headers.get("Sec-WebSocket-Key"));
  if (!key || key->size() != kKeyBytes) return Response::problem(400, "Sec-WebSocket-Key is not 16 bytes in base64.");
  if (route.guard) {
    if (const auto let_in = route.guard(request); !let_in) return Response::problem(let_in.error());
  }
  if (!offers(request.headers, "Sec-WebSocket-Protocol", route.subprotocol)) {
    return Response::problem(400, fmt::format("The subprotocol spoken here is {}.", route.subprotocol));
  }
  return std::nullopt;
}

}  // namespace peyk::net
