// The HTTP server's options, as the configuration has them.
#pragma once

#include "base/net/http_server.h"
#include "config/config.h"

namespace peyk::daemon {

net::HttpServerOptions http_options(const config::Http& http);

}  // namespace peyk::daemon
