// Addresses to listen on, and errors of sockets.
#pragma once

#include <exception>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace peyk::net {

namespace asio = boost::asio;

/// Listens on "127.0.0.1:8080" or "[::1]:0", non-blocking; throws, naming it, when it cannot.
asio::ip::tcp::acceptor listen_tcp(const asio::any_io_executor& executor, const std::string& text);

std::string show_endpoint(const asio::ip::tcp::endpoint& endpoint);

/// Whether it is the cancellation of an operation of ours rather than a failure.
bool is_abort(const std::exception& error);

}  // namespace peyk::net
