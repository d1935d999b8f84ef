// What an accept loop does about an error: it never ends by one.
#pragma once

#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace peyk::net {

/// The connection went away before it was accepted: accept the next at once.
bool is_transient(const boost::system::error_code& error);

/// Everything else (EMFILE, ENOBUFS, …): logs `event` once a minute at most, and waits a moment for descriptors to come
/// free. False when cancelled.
boost::asio::awaitable<bool> wait_out(std::string_view event, boost::system::error_code error);

}  // namespace peyk::net
