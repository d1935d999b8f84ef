#include <filesystem>
#include <optional>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/net/accept_error.h"
#include "base/net/endpoint.h"
#include "base/net/line_socket.h"

namespace peyk::net {
namespace {

using Code = boost::system::error_code;
using Unix = asio::local::stream_protocol;
using asio::ip::tcp;

/// Removes a socket's file that a process left behind; one that still answers is left alone.
void remove_stale(const asio::any_io_executor& executor, const std::string& path) {
  std::error_code missing;
  if (!std::filesystem::is_socket(path, missing)) return;
  Unix::socket probe(executor);
  Code error;
  probe.connect(Unix::endpoint(path), error);
  if (error == asio::error::connection_refused) ::unlink(path.c_str());
}

Unix::acceptor listen_unix(const asio::any_io_executor& executor, const std::string& path) {
  if (path.size() >= kUnixPathLimit) {
    throw std::runtime_error(
        fmt::format("cannot listen on unix:{}: longer than {} characters", path, kUnixPathLimit - 1));
  }
  remove_stale(executor, path);
  try {
    Unix::acceptor acceptor(executor, Unix());
    acceptor.bind(Unix::endpoint(path));
    // The mail server runs as another user: it is let in by the socket's group.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP) != 0) {
      throw boost::system::system_error(Code(errno, boost::system::system_category()));
    }
    acceptor.listen();
    acceptor.non_blocking(true);
    return acceptor;
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error(fmt::format("cannot listen on unix:{}: {}", path, error.code().message()));
  }
}

class AsioLineListener final : public LineListener {
 public:
  AsioLineListener(asio::any_io_executor executor, std::string endpoint)
      : executor_(std::move(executor)), endpoint_(std::move(endpoint)) {}

  ~AsioLineListener() override { close(); }

  void start() override {
    const auto place = parse_line_endpoint(endpoint_);
    if (!place) throw std::invalid_argument(place.error().message);
    if (place->path.empty()) {
      tcp_.emplace(listen_tcp(executor_, endpoint_.substr(endpoint_.find(':') + 1)));
    } else {
      unix_.emplace(listen_unix(executor_, place->path));
      path_ = place->path;
    }
  }

  std::uint16_t port() const override { return tcp_ ? tcp_->local_endpoint().port() : std::uint16_t{0}; }

  asio::awaitable<Result<std::unique_ptr<LineStream>>> accept() override {
    while (is_open()) {
      LineSocket socket(executor_);
      Code error;
      std::string peer = "local";
      if (tcp_) {
        std::tie(error, peer) = co_await accept_tcp(socket);
      } else {
        std::tie(error) = co_await unix_->async_accept(socket, asio::as_tuple(asio::use_awaitable));
      }
      if (!error) co_return create_line_stream(std::move(socket), std::move(peer));
      if (error == asio::error::operation_aborted) break;
      if (is_transient(error)) continue;
      const bool waited = co_await wait_out("lines.accept_paused", error);
      if (!waited) break;
    }
    co_return fail(ErrorCode::cancelled, fmt::format("{} accepts no more", endpoint_));
  }

  void close() override {
    Code ignored;
    if (tcp_) tcp_->close(ignored);
    if (unix_ && unix_->is_open()) {
      unix_->close(ignored);
      ::unlink(path_.c_str());
    }
  }

 private:
  bool is_open() const { return (tcp_ && tcp_->is_open()) || (unix_ && unix_->is_open()); }

  asio::awaitable<std::pair<Code, std::string>> accept_tcp(LineSocket& into) {
    tcp::socket socket(executor_);
    tcp::endpoint from;
    const auto ended = co_await tcp_->async_accept(socket, from, asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(ended)) co_return std::pair(std::get<0>(ended), std::string());
    Code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    into = std::move(socket);
    co_return std::pair(Code(), from.address().to_string());
  }

  asio::any_io_executor executor_;
  std::string endpoint_;
  std::string path_;
  std::optional<tcp::acceptor> tcp_;
  std::optional<Unix::acceptor> unix_;
};

}  // namespace

Result<LineEndpoint> parse_line_endpoint(std::string_view text) {
  LineEndpoint place;
  if (text.starts_with("unix:") && text.size() > 5) {
    place.path = text.substr(5);
    return place;
  }
  const auto colon = text.rfind(':');
  if (text.starts_with("tcp:") && colon > 4 && colon + 1 < text.size()) {
    auto host = text.substr(4, colon - 4);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    place.address = {std::string(host), std::string(text.substr(colon + 1))};
    if (!place.address.host.empty()) return place;
  }
  return fail(ErrorCode::invalid, fmt::format("\"{}\" is neither tcp:HOST:PORT nor unix:PATH", text));
}

std::unique_ptr<LineListener> create_line_listener(asio::any_io_executor executor, std::string endpoint) {
  return std::make_unique<AsioLineListener>(std::move(executor), std::move(endpoint));
}

}  // namespace peyk::net
