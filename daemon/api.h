// The agents' REST interface: the same things as on their sockets, and what there is to read.
#pragma once

#include <memory>

#include "base/net/http.h"
#include "daemon/api_operation.h"
#include "daemon/commands.h"
#include "daemon/sessions.h"
#include "daemon/uploads.h"
#include "routing/desk.h"

namespace peyk::daemon {

struct ApiDependencies {
  routing::Desk& desk;
  Sessions& sessions;
  Commands& commands;
  Uploads& uploads;
  const Clock& clock;
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

}  // namespace peyk::daemon
