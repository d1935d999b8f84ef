#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <fmt/format.h>

#include "base/async/deadline.h"
#include "base/net/beast_websocket.h"
#include "base/net/dial.h"
#include "base/net/http_client.h"
#include "base/net/tls.h"

namespace peyk::net {
namespace {

namespace http = boost::beast::http;
using PlainStream = asio::ip::tcp::socket;
using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

constexpr std::size_t kLargest = std::size_t{16} << 20U;

struct Wanted {
  Url url;
  std::string target;
  std::string subprotocol;
  Headers headers;
};

ErrorCode refusal(unsigned status) {
  switch (status) {
    case 400: return ErrorCode::invalid;
    case 401: return ErrorCode::unauthorized;
    case 403: return ErrorCode::forbidden;
    case 404: return ErrorCode::not_found;
    default: return ErrorCode::unavailable;
  }
}

template <typename Next>
asio::awaitable<Result<std::shared_ptr<WebSocket>>> shake_hands(Next next, Wanted wanted) {
  WebSocketLimits limits;
  limits.frame_bytes = kLargest;
  limits.queue_bytes = kLargest;
  const auto peer = std::make_shared<BeastWebSocket<Next>>(std::move(next), limits);
  auto& stream = peer->stream();
  stream.set_option(websocket::stream_base::decorator([wanted](websocket::request_type& request) {
    for (const auto& [name, value] : wanted.headers.all()) request.insert(name, value);
    request.set(http::field::sec_websocket_protocol, wanted.subprotocol);
  }));
  websocket::response_type response;
  const auto host = fmt::format("{}:{}", wanted.url.host, wanted.url.port);
  const auto ended = co_await stream.async_handshake(response, host, wanted.url.path + wanted.target,
                                                     asio::as_tuple(asio::use_awaitable));
  if (std::get<0>(ended) == websocket::error::upgrade_declined) {
    co_return fail(refusal(response.result_int()),
                   fmt::format("the server answered {} to {}", response.result_int(), wanted.target));
  }
  if (std::get<0>(ended)) co_return fail(ErrorCode::unavailable, std::get<0>(ended).message());
  if (response[http::field::sec_websocket_protocol] != wanted.subprotocol) {
    co_return fail(ErrorCode::unavailable, fmt::format("the server does not speak {}", wanted.subprotocol));
  }
  peer->opened();
  co_return peer;
}

asio::awaitable<Result<std::shared_ptr<WebSocket>>> shake_hands_tls(PlainStream socket, Wanted wanted) {
  const TlsOptions options{wanted.url.host, "", true};
  auto context = create_client_context(options);
  if (!context) co_return std::unexpected(context.error());
  TlsStream stream(std::move(socket), **context);
  const auto prepared = expect_host(stream.native_handle(), options);
  if (!prepared) co_return std::unexpected(prepared.error());
  const auto shaken =
      co_await stream.async_handshake(asio::ssl::stream_base::client, asio::as_tuple(asio::use_awaitable));
  if (const auto& error = std::get<0>(shaken); error) {
    const auto why = tls_failure(stream.native_handle(), error);
    co_return fail(ErrorCode::unavailable, fmt::format("no TLS with {}: {}", wanted.url.host, why));
  }
  co_return co_await shake_hands(std::move(stream), std::move(wanted));
}

asio::awaitable<Result<std::shared_ptr<WebSocket>>> open_websocket(Wanted wanted) {
  auto socket = co_await dial(wanted.url.host, wanted.url.port);
  if (!socket) co_return std::unexpected(socket.error());
  if (wanted.url.scheme == "https") co_return co_await shake_hands_tls(std::move(*socket), std::move(wanted));
  co_return co_await shake_hands(std::move(*socket), std::move(wanted));
}

}  // namespace

asio::awaitable<Result<std::shared_ptr<WebSocket>>> connect_websocket(Url url, std::string target,
                                                                      std::string subprotocol, Headers headers,
                                                                      std::chrono::milliseconds limit) {
  Wanted wanted{std::move(url), std::move(target), std::move(subprotocol), std::move(headers)};
  co_return co_await with_deadline(limit, open_websocket(std::move(wanted)));
}

}  // namespace peyk::net
