#include "base/net/dial.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace peyk::net {

using asio::ip::tcp;

asio::awaitable<Result<tcp::socket>> dial(std::string host, std::string port) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto found = co_await resolver.async_resolve(host, port, asio::as_tuple(asio::use_awaitable));
  const auto failed = [&host, &port](const boost::system::error_code& error) {
    const auto code = error == asio::error::operation_aborted ? ErrorCode::cancelled : ErrorCode::unavailable;
    return fail(code, fmt::format("cannot reach {} port {}: {}", host, port, error.message()));
  };
  if (std::get<0>(found)) co_return failed(std::get<0>(found));
  tcp::socket socket(executor);
  const auto connected = co_await asio::async_connect(socket, std::get<1>(found), asio::as_tuple(asio::use_awaitable));
  if (std::get<0>(connected)) co_return failed(std::get<0>(connected));
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  co_return std::move(socket);
}

}  // namespace peyk::net
