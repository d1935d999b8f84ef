// The agents' REST interface: the same things as on their sockets, and what there is to read.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"
#include "daemon/commands.h"
#include "daemon/sessions.h"
#include "daemon/uploads.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// What a reload answers: null when it took, else why not; and keys that want a restart.
struct ReloadReport {
  std::string config_version;
  std::vector<std::string> needs_restart;
  std::vector<std::string> warnings;
};
using Reloader = std::function<asio::awaitable<Result<ReloadReport>>()>;

struct ApiDependencies {
  routing::Desk& desk;
  Sessions& sessions;
  Commands& commands;
  Uploads& uploads;
  ConfigSource config;
  Reloader reload;
};

/// Everything below /api/v1 but the sockets. One thread.
class Api {
 public:
  virtual ~Api() = default;
  virtual void attach(net::Routes& routes) = 0;
};

std::unique_ptr<Api> create_api(ApiDependencies dependencies);

/// "Authorization: Bearer TOKEN"; empty when there is none.
std::string bearer_token(const net::Request& request);

/// Refuses query parameters that nobody reads.
Result<> only_parameters(const net::Request& request, std::initializer_list<std::string_view> known);

}  // namespace peyk::daemon
