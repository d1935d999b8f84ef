#include "base/net/line_stream.h"

#include <algorithm>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include "base/async/deadline.h"
#include "base/net/dial.h"
#include "base/net/line_socket.h"
#include "base/net/tls.h"

namespace peyk::net {
namespace {

using Code = boost::system::error_code;

constexpr std::size_t kChunk = 16384;
constexpr auto kTokens = asio::as_tuple(asio::use_awaitable);

class AsioLineStream final : public LineStream {
 public:
  AsioLineStream(LineSocket socket, std::string peer) : socket_(std::move(socket)), peer_(std::move(peer)) {}

  asio::awaitable<Result<std::string>> read_line(std::size_t limit_bytes, std::chrono::milliseconds limit) override {
    if (auto line = take_line(limit_bytes)) co_return std::move(*line);
    auto line = co_await with_deadline(limit, wait_for_line(limit_bytes));
    if (!line && line.error().code != ErrorCode::too_large) close();
    co_return line;
  }

  asio::awaitable<Result<std::string>> read_bytes(std::size_t bytes, std::chrono::milliseconds limit) override {
    if (available() < bytes) {
      const auto read = co_await with_deadline(limit, fill(bytes));
      if (!read) {
        close();
        co_return std::unexpected(read.error());
      }
    }
    co_return take(bytes);
  }

  asio::awaitable<Result<std::string>> read_some(std::chrono::milliseconds limit) override {
    if (available() == 0) {
      const auto read = co_await with_deadline(limit, read_more());
      if (!read) {
        close();
        co_return std::unexpected(read.error());
      }
    }
    co_return take(available());
  }

  void unread(std::string_view bytes) override {
    pending_.replace(0, taken_, bytes);
    taken_ = searched_ = 0;
  }

  asio::awaitable<Result<>> write(std::string data, std::chrono::milliseconds limit) override {
    const auto written = co_await with_deadline(limit, write_all(data));
    if (!written) close();
    co_return written;
  }

  asio::awaitable<Result<>> start_tls(TlsOptions options, std::chrono::milliseconds limit) override {
    if (tls_) co_return fail(ErrorCode::internal, "TLS was started twice on one connection");
    auto started = co_await with_deadline(limit, shake_hands(std::move(options)));
    if (!started) close();
    co_return started;
  }

  bool secure() const override { return tls_ != nullptr; }
  std::string peer() const override { return peer_; }

  void close() override {
    Code ignored;
    socket_.close(ignored);
    pending_.clear();
    taken_ = searched_ = 0;
  }

 private:
  std::size_t available() const { return pending_.size() - taken_; }

  /// A line that is there already, or what is wrong with it; nothing when more must be read.
  std::optional<Result<std::string>> take_line(std::size_t limit_bytes) {
    const auto end = pending_.find('\n', searched_);
    if (end == std::string::npos) {
      searched_ = pending_.size();
      if (available() > limit_bytes + 1) skip_line();
      return std::nullopt;
    }
    auto line = take(end + 1 - taken_);
    line.pop_back();
    if (line.ends_with('\r')) line.pop_back();
    const bool refused = std::exchange(skipping_, false) || line.size() > limit_bytes;
    if (!refused) return line;
    return fail(ErrorCode::too_large, fmt::format("a line longer than {} bytes from {}", limit_bytes, peer_));
  }

  /// Forgets the beginning of a line that is too long already.
  void skip_line() {
    skipping_ = true;
    pending_.clear();
    taken_ = searched_ = 0;
  }

  std::string take(std::size_t bytes) {
    auto part = pending_.substr(taken_, bytes);
    taken_ += bytes;
    searched_ = taken_;
    return part;
  }

  asio::awaitable<Result<std::string>> wait_for_line(std::size_t limit_bytes) {
    for (;;) {
      const auto read = co_await read_more();
      if (!read) co_return std::unexpected(read.error());
      if (auto line = take_line(limit_bytes)) co_return std::move(*line);
    }
  }

  asio::awaitable<Result<>> fill(std::size_t bytes) {
    while (available() < bytes) {
      const auto read = co_await read_more();
      if (!read) co_return read;
    }
    co_return Result<>();
  }

  asio::awaitable<Result<>> read_more() {
    pending_.erase(0, taken_);
    searched_ -= std::exchange(taken_, 0);
    const auto kept = pending_.size();
    pending_.resize(kept + kChunk);
    const auto room = asio::buffer(pending_.data() + kept, kChunk);
    Code error;
    std::size_t got = 0;
    if (tls_) {
      std::tie(error, got) = co_await tls_->async_read_some(room, kTokens);
    } else {
      std::tie(error, got) = co_await socket_.async_read_some(room, kTokens);
    }
    pending_.resize(kept + got);
    if (error) co_return failed("reading from", error);
    co_return Result<>();
  }

  asio::awaitable<Result<>> write_all(const std::string& data) {
    Code error;
    std::size_t sent = 0;
    if (tls_) {
      std::tie(error, sent) = co_await asio::async_write(*tls_, asio::buffer(data), kTokens);
    } else {
      std::tie(error, sent) = co_await asio::async_write(socket_, asio::buffer(data), kTokens);
    }
    if (error) co_return failed("writing to", error);
    co_return Result<>();
  }

  asio::awaitable<Result<>> shake_hands(TlsOptions options) {
    // What came in plain might be read as if it had come under TLS (response injection, CVE-2021-33515 and its kin).
    if (available() > 0 || socket_.available() > 0) {
      co_return fail(ErrorCode::invalid, fmt::format("{} sent more in plain text after STARTTLS", peer_));
    }
    auto context = create_client_context(options);
    if (!context) co_return std::unexpected(context.error());
    tls_ = std::make_unique<asio::ssl::stream<LineSocket&>>(socket_, **context);
    const auto prepared = expect_host(tls_->native_handle(), options);
    if (!prepared) co_return std::unexpected(prepared.error());
    const auto shaken = co_await tls_->async_handshake(asio::ssl::stream_base::client, kTokens);
    const auto& error = std::get<0>(shaken);
    if (!error) co_return Result<>();
    const auto why = tls_failure(tls_->native_handle(), error);
    co_return fail(ErrorCode::unavailable, fmt::format("no TLS with {}: {}", peer_, why));
  }

  std::unexpected<Error> failed(std::string_view doing, const Code& error) const {
    const auto code = error == asio::error::operation_aborted ? ErrorCode::cancelled : ErrorCode::unavailable;
    return fail(code, fmt::format("{} {}: {}", doing, peer_, error.message()));
  }

  LineSocket socket_;
  std::unique_ptr<asio::ssl::stream<LineSocket&>> tls_;
  std::string peer_;
  std::string pending_;       // what was read
  std::size_t taken_ = 0;     // of it, by the caller; dropped with the next read
  std::size_t searched_ = 0;  // up to here there is no line end to take
  bool skipping_ = false;     // inside a line that is too long
};

asio::awaitable<Result<LineSocket>> connect_unix(std::string path) {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  Code error = asio::error::name_too_long;
  if (path.size() < kUnixPathLimit) {
    const asio::local::stream_protocol::endpoint endpoint(path);
    std::tie(error) = co_await socket.async_connect(endpoint, kTokens);
  }
  if (error) co_return fail(ErrorCode::unavailable, fmt::format("cannot reach unix:{}: {}", path, error.message()));
  co_return LineSocket(std::move(socket));
}

asio::awaitable<Result<LineSocket>> connect_tcp(HostPort address) {
  auto socket = co_await dial(std::move(address.host), std::move(address.port));
  if (!socket) co_return std::unexpected(socket.error());
  co_return LineSocket(std::move(*socket));
}

}  // namespace

std::unique_ptr<LineStream> create_line_stream(LineSocket socket, std::string peer) {
  return std::make_unique<AsioLineStream>(std::move(socket), std::move(peer));
}

asio::awaitable<Result<std::unique_ptr<LineStream>>> connect_lines(std::string endpoint,
                                                                   std::chrono::milliseconds limit) {
  const auto place = parse_line_endpoint(endpoint);
  if (!place) co_return std::unexpected(place.error());
  auto connecting = place->path.empty() ? connect_tcp(place->address) : connect_unix(place->path);
  auto socket = co_await with_deadline(limit, std::move(connecting));
  if (!socket) {
    auto error = socket.error();
    if (error.code == ErrorCode::timeout) {
      error.message = fmt::format("no connection to {} within {} ms", endpoint, limit.count());
    }
    co_return std::unexpected(std::move(error));
  }
  co_return create_line_stream(std::move(*socket), std::move(endpoint));
}

}  // namespace peyk::net
