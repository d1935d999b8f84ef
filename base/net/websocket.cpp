#include "base/net/websocket.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "base/net/beast_websocket.h"

namespace peyk::net {

template class BeastWebSocket<asio::ip::tcp::socket>;

namespace {

namespace http = boost::beast::http;
using Socket = BeastWebSocket<asio::ip::tcp::socket>;

http::request<http::empty_body> to_beast(const Request& request) {
  http::request<http::empty_body> out(http::verb::get, request.target, 11);
  for (const auto& [name, value] : request.headers.all()) out.insert(name, value);
  return out;
}

}  // namespace

Error read_error(const boost::system::error_code& error) {
  using websocket::condition;
  if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
    return {ErrorCode::too_large, "a message larger than is taken here", {}, std::source_location::current()};
  }
  if (error == condition::protocol_violation) {
    return {ErrorCode::invalid, error.message(), {}, std::source_location::current()};
  }
  return {ErrorCode::cancelled, error.message(), {}, std::source_location::current()};
}

asio::awaitable<Result<std::shared_ptr<WebSocketPeer>>> accept_websocket(asio::ip::tcp::socket socket, Request request,
                                                                         std::string subprotocol,
                                                                         WebSocketLimits limits) {
  const auto peer = std::make_shared<Socket>(std::move(socket), limits);
  auto& stream = peer->stream();
  stream.set_option(websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
    response.set(http::field::sec_websocket_protocol, subprotocol);
    response.set(http::field::server, "peyk");  // else Beast names itself and its version
  }));
  const auto beast_request = to_beast(request);
  const auto ended = co_await stream.async_accept(beast_request, asio::as_tuple(asio::use_awaitable));
  if (std::get<0>(ended)) co_return fail(ErrorCode::unavailable, std::get<0>(ended).message());
  stream.set_option(websocket::stream_base::decorator([](websocket::response_type&) {}));
  peer->opened();
  co_return peer;
}

}  // namespace peyk::net
