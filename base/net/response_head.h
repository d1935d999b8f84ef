// The head of an answer as it goes onto the wire.
#pragma once

#include <string>
#include <string_view>

#include "base/net/http.h"

namespace peyk::net {

enum class Connection : std::uint8_t { keep_alive, keep_alive_1_0, close };

/// Status line, `Date`, `Content-Length` and, where the handler set none of that name, the security headers that every
/// answer of ours has. Line ends inside of values become spaces (response splitting).
std::string response_head(const Response& response, Connection connection);

/// Whether an answer of that status has a body.
bool has_body(int status);

/// "Sun, 22 Nov 2026 04:26:00 GMT", worked out once a second.
std::string_view http_date();

/// "GET" …; "OTHER" for `other`.
std::string_view to_string(Method method);

}  // namespace peyk::net
