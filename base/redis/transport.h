// A byte stream to a Redis server: TCP, Unix socket or TLS.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "base/redis/client.h"

namespace peyk::redis {

/// Reading and writing may be awaited at the same time, each once. Errors are `unavailable` and name the server.
/// Without deadlines of its own.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) = 0;
  virtual asio::awaitable<Result<>> write(std::string_view bytes) = 0;
  /// What is awaited ends with an error.
  virtual void close() = 0;
};

/// Connects, with the TLS handshake where wanted.
asio::awaitable<Result<std::unique_ptr<Transport>>> open_transport(Endpoint endpoint);

}  // namespace peyk::redis
