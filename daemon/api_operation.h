// What supervisors and admins ask of the desk as a whole: audit, reload, what a rule would do.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"
#include "daemon/login_guard.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// What a reload that took has to say.
struct ReloadReport {
  std::string config_version;
  std::vector<std::string> needs_restart;  // keys that changed and are read at the start only
  std::vector<std::string> warnings;
};
using Reloader = std::function<asio::awaitable<Result<ReloadReport>>()>;

/// One thread.
class OperationApi {
 public:
  OperationApi(routing::Desk& desk, Reloader reload) : desk_(desk), reload_(std::move(reload)) {}

  void attach(net::Routes& routes, LoginGuard& guard);

 private:
  asio::awaitable<Answer> audit(Caller caller, net::Request request);
  asio::awaitable<Answer> reload(Caller caller, net::Request request);
  asio::awaitable<Answer> route(Caller caller, net::Request request);

  routing::Desk& desk_;
  Reloader reload_;
};

}  // namespace peyk::daemon
