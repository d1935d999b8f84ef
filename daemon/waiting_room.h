// The port while the store is away or still takes the roster: operators are answered, everybody else is told that it is
// too early.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/net/http_server.h"
#include "config/config.h"
#include "daemon/health.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// One thread.
class WaitingRoom {
 public:
  /// `health` must outlive it.
  WaitingRoom(asio::any_io_executor executor, Health& health) : executor_(std::move(executor)), health_(health) {}

  /// Listens, and answers 503 to whatever is not `health`'s. Nothing when it is open. Throws when it cannot bind.
  void open(const config::Http& http);

  /// The port is free then. Nothing when it is not open.
  asio::awaitable<void> close();

  /// Null when it is not open.
  const net::HttpServer* server() const { return server_.get(); }

 private:
  asio::any_io_executor executor_;
  Health& health_;
  net::Routes routes_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace peyk::daemon
