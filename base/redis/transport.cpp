#include "base/redis/transport.h"

#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "base/redis/command.h"

namespace peyk::redis {
namespace {

namespace ssl = asio::ssl;
using Socket = asio::generic::stream_protocol::socket;  // TCP and Unix alike
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

auto failed(const Endpoint& endpoint, std::string_view doing, const boost::system::error_code& error) {
  return fail(ErrorCode::unavailable, fmt::format("{} {}: {}", doing, describe(endpoint), error.message()));
}

template <typename Stream>
class StreamTransport : public Transport {
 public:
  StreamTransport(Endpoint endpoint, Stream stream) : endpoint_(std::move(endpoint)), stream_(std::move(stream)) {}

  asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    const auto [error, size] = co_await stream_.async_read_some(asio::buffer(into.data(), into.size()), kAwait);
    if (error) co_return failed(endpoint_, "reading from", error);
    co_return size;
  }

  asio::awaitable<Result<>> write(std::string_view bytes) override {
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), kAwait);
    if (error) co_return failed(endpoint_, "writing to", error);
    co_return Result<>{};
  }

  void close() override {
    boost::system::error_code ignored;  // it is gone either way
    stream_.lowest_layer().close(ignored);
  }

 private:
  Endpoint endpoint_;
  Stream stream_;
};

/// A TLS stream and the context that it needs as long as it lives.
class TlsStream {
 public:
  TlsStream(std::unique_ptr<ssl::context> context, Socket socket)
      : context_(std::move(context)), stream_(std::make_unique<ssl::stream<Socket>>(std::move(socket), *context_)) {}

  using executor_type = ssl::stream<Socket>::executor_type;
  executor_type get_executor() { return stream_->get_executor(); }
  auto& lowest_layer() { return stream_->lowest_layer(); }
  ssl::stream<Socket>& stream() { return *stream_; }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return stream_->async_read_some(buffers, std::forward<Token>(token));
  }
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return stream_->async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  std::unique_ptr<ssl::context> context_;
  std::unique_ptr<ssl::stream<Socket>> stream_;
};

asio::awaitable<Result<Socket>> connect_unix(const Endpoint& endpoint) {
  const auto executor = co_await asio::this_coro::executor;
  constexpr std::size_t kLongestPath = 107;  // sun_path less its terminating zero, unix(7)
  if (endpoint.unix_path.size() > kLongestPath) {
    co_return fail(ErrorCode::invalid, fmt::format("the path of the Unix socket is longer than {} bytes: {}",
                                                   kLongestPath, endpoint.unix_path));
  }
  Socket socket(executor);
  const asio::local::stream_protocol::endpoint address(endpoint.unix_path);
  const auto [error] = co_await socket.async_connect(address, kAwait);
  if (error) co_return failed(endpoint, "connecting to", error);
  co_return std::move(socket);
}

asio::awaitable<Result<Socket>> connect_tcp(const Endpoint& endpoint) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  const auto [unresolved, addresses] =
      co_await resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), kAwait);
  if (unresolved) co_return failed(endpoint, "looking up the name of", unresolved);
  asio::ip::tcp::socket socket(executor);
  const auto [error, address] = co_await asio::async_connect(socket, addresses, kAwait);
  if (error) co_return failed(endpoint, "connecting to", error);
  boost::system::error_code ignored;  // both make it quicker or safer, and are not needed
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  co_return Socket(std::move(socket));
}

Result<std::unique_ptr<ssl::context>> make_context(const Endpoint& endpoint) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  if (!endpoint.verify_peer) {
    context->set_verify_mode(ssl::verify_none, error);
    return context;
  }
  context->set_verify_mode(ssl::verify_peer, error);
  if (endpoint.ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(endpoint.ca_file, error);
  }
  if (error) {
    const auto what = endpoint.ca_file.empty() ? std::string("the system's certificates") : endpoint.ca_file;
    return fail(ErrorCode::invalid,
                fmt::format("cannot load {} for TLS to {}: {}", what, describe(endpoint), error.message()));
  }
  return context;
}

asio::awaitable<Result<std::unique_ptr<Transport>>> start_tls(Endpoint endpoint, Socket socket) {
  auto context = make_context(endpoint);
  if (!context) co_return std::unexpected(std::move(context.error()));
  TlsStream tls(std::move(*context), std::move(socket));
  boost::system::error_code ignored;
  if (endpoint.verify_peer) tls.stream().set_verify_callback(ssl::host_name_verification(endpoint.host), ignored);
  SSL_set_tlsext_host_name(tls.stream().native_handle(), endpoint.host.c_str());
  const auto [error] = co_await tls.stream().async_handshake(ssl::stream_base::client, kAwait);
  if (error) co_return failed(endpoint, "TLS with", error);
  co_return std::make_unique<StreamTransport<TlsStream>>(std::move(endpoint), std::move(tls));
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<Transport>>> open_transport(Endpoint endpoint) {
  auto connecting = endpoint.unix_path.empty() ? connect_tcp(endpoint) : connect_unix(endpoint);
  auto socket = co_await std::move(connecting);
  if (!socket) co_return std::unexpected(std::move(socket.error()));
  if (endpoint.tls) {
    auto tls = co_await start_tls(std::move(endpoint), std::move(*socket));
    co_return std::move(tls);
  }
  co_return std::make_unique<StreamTransport<Socket>>(std::move(endpoint), std::move(*socket));
}

}  // namespace peyk::redis
