// What agents read: themselves, queues, colleagues, conversations and contacts.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"
#include "daemon/login_guard.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// Everybody sees what his role and queues let him see. One thread.
class ReadingApi {
 public:
  ReadingApi(routing::Desk& desk, ConfigSource config) : desk_(desk), config_(std::move(config)) {}

  void attach(net::Routes& routes, LoginGuard& guard);

 private:
  asio::awaitable<Answer> me(Caller caller, net::Request request);
  asio::awaitable<Answer> queues(Caller caller, net::Request request);
  asio::awaitable<Answer> agents(Caller caller, net::Request request);
  asio::awaitable<Answer> conversations(Caller caller, net::Request request);
  asio::awaitable<Answer> conversation(Caller caller, net::Request request);
  asio::awaitable<Answer> messages(Caller caller, net::Request request);
  asio::awaitable<Answer> explain(Caller caller, net::Request request);
  asio::awaitable<Answer> contact(Caller caller, net::Request request);

  routing::Desk& desk_;
  ConfigSource config_;
};

}  // namespace peyk::daemon
