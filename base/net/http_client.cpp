#include "base/net/http_client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include "base/async/deadline.h"
#include "base/net/dial.h"
#include "base/net/response_head.h"
#include "base/net/tls.h"

namespace peyk::net {
namespace {

namespace http = boost::beast::http;
using Wire = http::request<http::string_body>;

constexpr std::size_t kBodyLimit = std::size_t{256} << 20U;
constexpr std::uint32_t kHeaderLimit = 64 << 10;
constexpr auto kTokens = asio::as_tuple(asio::use_awaitable);

std::string show(const Url& url) {
  return fmt::format("{}://{}:{}", url.scheme, url.host, url.port);
}

Wire to_wire(const Url& url, Request request) {
  Wire wire;
  wire.method_string(to_string(request.method));
  wire.target(url.path + request.target);
  wire.set(http::field::host, url.host.contains(':') ? fmt::format("[{}]:{}", url.host, url.port)
                                                     : fmt::format("{}:{}", url.host, url.port));
  for (const auto& [name, value] : request.headers.all()) wire.insert(name, value);
  wire.set(http::field::connection, "close");
  wire.body() = std::move(request.body);
  wire.prepare_payload();
  return wire;
}

Response from_wire(http::response<http::string_body> wire) {
  Response response;
  response.status = static_cast<int>(wire.result_int());
  for (const auto& field : wire.base()) {
    response.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(wire.body());
  return response;
}

std::unexpected<Error> broken(const Url& url, const boost::system::error_code& error) {
  const auto code = error == asio::error::operation_aborted ? ErrorCode::cancelled : ErrorCode::unavailable;
  return fail(code, fmt::format("no answer from {}: {}", show(url), error.message()));
}

template <typename Stream>
asio::awaitable<Result<Response>> talk(Stream& stream, const Url& url, Wire wire) {
  const auto written = co_await http::async_write(stream, wire, kTokens);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kBodyLimit);
  parser.header_limit(kHeaderLimit);
  if (wire.method() == http::verb::head) parser.skip(true);
  boost::beast::flat_buffer buffer;
  // A server may answer before it has read all, and stop reading: its answer tells more than our failed write.
  const auto read = co_await http::async_read(stream, buffer, parser, kTokens);
  if (std::get<0>(read)) co_return broken(url, std::get<0>(written) ? std::get<0>(written) : std::get<0>(read));
  co_return from_wire(parser.release());
}

asio::awaitable<Result<Response>> talk_tls(asio::ip::tcp::socket socket, const Url& url, Wire wire) {
  const TlsOptions options{url.host, "", true};
  auto context = create_client_context(options);
  if (!context) co_return std::unexpected(context.error());
  asio::ssl::stream<asio::ip::tcp::socket> stream(std::move(socket), **context);
  const auto prepared = expect_host(stream.native_handle(), options);
  if (!prepared) co_return std::unexpected(prepared.error());
  const auto shaken = co_await stream.async_handshake(asio::ssl::stream_base::client, kTokens);
  if (const auto& error = std::get<0>(shaken); error) {
    const auto why = tls_failure(stream.native_handle(), error);
    co_return fail(ErrorCode::unavailable, fmt::format("no TLS with {}: {}", show(url), why));
  }
  co_return co_await talk(stream, url, std::move(wire));
}

asio::awaitable<Result<Response>> exchange(Url url, Request request) {
  auto socket = co_await dial(url.host, url.port);
  if (!socket) co_return std::unexpected(socket.error());
  auto wire = to_wire(url, std::move(request));
  if (url.scheme == "https") co_return co_await talk_tls(std::move(*socket), url, std::move(wire));
  co_return co_await talk(*socket, url, std::move(wire));
}

}  // namespace

asio::awaitable<Result<Response>> fetch(Url url, Request request, std::chrono::milliseconds limit) {
  const auto shown = show(url);
  auto response = co_await with_deadline(limit, exchange(std::move(url), std::move(request)));
  if (!response && response.error().code == ErrorCode::timeout) {
    response.error().message = fmt::format("no answer from {} within {} ms", shown, limit.count());
  }
  co_return response;
}

}  // namespace peyk::net
