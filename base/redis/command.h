// Commands on the wire (RESP2), and what error replies mean.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/redis/client.h"

namespace peyk::redis {

/// Appends `command` as an array of bulk strings.
void append_command(std::string& out, std::span<const std::string> command);

/// The text of an error reply as an `Error`: what the server cannot do now is `unavailable`, the rest `internal`.
Error error_from_reply(std::string_view text);

/// Where the server is, for messages: "redis at unix:/run/redis.sock".
std::string describe(const Endpoint& endpoint);

}  // namespace peyk::redis
