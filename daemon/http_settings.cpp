#include "daemon/http_settings.h"

#include <algorithm>

namespace peyk::daemon {
namespace {

constexpr std::size_t kLeastShare = 64;  // connections of one address

}  // namespace

net::HttpServerOptions http_options(const config::Http& http) {
  net::HttpServerOptions options;
  options.listen = http.listen;
  options.trusted_proxies = http.trusted_proxies;
  options.limits.body_bytes = http.limits.body_bytes;
  options.limits.header_bytes = http.limits.header_bytes;
  options.limits.request_time = http.limits.request_time;
  options.limits.idle_time = http.limits.idle_time;
  options.limits.connections = static_cast<std::size_t>(http.limits.connections);
  // A twentieth of all, so that no single client takes what is there for everybody.
  options.limits.connections_per_address = std::max<std::size_t>(kLeastShare, options.limits.connections / 20);
  options.reserved_paths = {"/livez", "/readyz", "/health", "/metrics"};
  return options;
}

}  // namespace peyk::daemon
