// The Redis that the desk lives in: private or foreign, watched, and known to be ready.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/redis/client.h"
#include "base/secret.h"
#include "config/config.h"
#include "daemon/issue.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// Asked twice a second whether it answers, within a second. Ready means: connected, answering, and its file mended
/// after a restart of its own (see prepare in the source). One thread.
class Store {
 public:
  virtual ~Store() = default;

  /// Starts the private server where there is one, connects, and goes on watching until `stop()`. Returns when the
  /// store is ready, or false when it is not within `patience`; it may become so later.
  virtual asio::awaitable<bool> start(std::chrono::milliseconds patience) = 0;
  virtual asio::awaitable<bool> wait_ready(std::chrono::milliseconds limit) = 0;

  /// Closes the connection, then ends the private server.
  virtual asio::awaitable<void> stop() = 0;

  virtual bool ready() const = 0;
  /// Called each time it becomes ready, the first time too.
  virtual void on_ready(std::function<void()> callback) = 0;
  /// Called each time it is no longer.
  virtual void on_lost(std::function<void()> callback) = 0;

  virtual redis::Client& client() = 0;
  virtual redis::ClientOptions connection() const = 0;

  /// Of the last question: zero before there was one.
  virtual std::chrono::microseconds latency() const = 0;
  virtual Issues issues() const = 0;

  /// The desk's secret, made once and kept in the store, so that all daemons of the desk have the same.
  virtual asio::awaitable<Result<Secret>> desk_key() = 0;
};

std::unique_ptr<Store> create_store(asio::any_io_executor executor, config::ConfigPtr config);

}  // namespace peyk::daemon
