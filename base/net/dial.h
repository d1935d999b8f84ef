// Connecting to a host by name.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/error.h"

namespace peyk::net {

namespace asio = boost::asio;

/// Tries each address of the name in turn. `unavailable` when none answers. Without a deadline of its own.
asio::awaitable<Result<asio::ip::tcp::socket>> dial(std::string host, std::string port);

}  // namespace peyk::net
