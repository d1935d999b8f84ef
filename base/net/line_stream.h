// A connection of lines ending in CRLF, as SMTP, LMTP and IMAP speak; TCP or Unix socket, plain or TLS.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace peyk::net {

namespace asio = boost::asio;

/// Verification of the peer is on unless told otherwise: the system's roots, the host's name.
struct TlsOptions {
  std::string host;     // name in the certificate, and SNI
  std::string ca_file;  // PEM roots instead of the system's; empty: the system's
  bool verify_peer = true;
};

/// One thread. Every call has its deadline; after an error other than `too_large` the stream is dead.
class LineStream {
 public:
  virtual ~LineStream() = default;

  /// A line without its CRLF (a bare LF ends one too). `too_large` past `limit_bytes` (the rest of the line is
  /// skipped), `unavailable` at the end of the stream.
  virtual asio::awaitable<Result<std::string>> read_line(std::size_t limit_bytes, std::chrono::milliseconds limit) = 0;

  /// Exactly `bytes` bytes (an IMAP literal).
  virtual asio::awaitable<Result<std::string>> read_bytes(std::size_t bytes, std::chrono::milliseconds limit) = 0;

  /// What there is, at least a byte; waits for it. Give back by `unread` what was too much.
  virtual asio::awaitable<Result<std::string>> read_some(std::chrono::milliseconds limit) = 0;

  /// `bytes` are what the next read begins with.
  virtual void unread(std::string_view bytes) = 0;

  virtual asio::awaitable<Result<>> write(std::string data, std::chrono::milliseconds limit) = 0;

  /// Goes on under TLS as client (STARTTLS). Bytes already received in plain are an error (response injection).
  virtual asio::awaitable<Result<>> start_tls(TlsOptions options, std::chrono::milliseconds limit) = 0;

  virtual bool secure() const = 0;
  virtual std::string peer() const = 0;
  virtual void close() = 0;
};

/// `endpoint`: "tcp:HOST:PORT" or "unix:PATH".
asio::awaitable<Result<std::unique_ptr<LineStream>>> connect_lines(std::string endpoint,
                                                                   std::chrono::milliseconds limit);

/// Accepts LineStreams.
class LineListener {
 public:
  virtual ~LineListener() = default;
  /// Throws, naming the endpoint, when it cannot listen. A stale Unix socket file is replaced.
  virtual void start() = 0;
  virtual std::uint16_t port() const = 0;  // of a TCP endpoint
  /// The next connection; `cancelled` after `close()`. Errors such as EMFILE are waited out inside.
  virtual asio::awaitable<Result<std::unique_ptr<LineStream>>> accept() = 0;
  virtual void close() = 0;
};

std::unique_ptr<LineListener> create_line_listener(asio::any_io_executor executor, std::string endpoint);

}  // namespace peyk::net
