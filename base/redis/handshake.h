// From an endpoint to a connection that takes commands.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "base/redis/client.h"
#include "base/redis/transport.h"

namespace peyk::redis {

/// In the error of a server that knows no functions, though some are to be loaded.
inline constexpr std::string_view kTooOld = "older than Redis 7.0";

/// Connects, authenticates, selects the database, loads the scripts and waits until the server is ready (it may be
/// loading its data). All of it within the options' time-out, else `timeout`.
asio::awaitable<Result<std::unique_ptr<Transport>>> open_connection(const ClientOptions& options,
                                                                    std::span<const Script> scripts);

}  // namespace peyk::redis
