// What is wrong, in words: /health, /livez, /readyz and /metrics.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/net/http.h"
#include "channels/registry.h"
#include "config/loader.h"
#include "daemon/issue.h"
#include "daemon/metrics.h"
#include "daemon/sessions.h"
#include "daemon/store.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

enum class Phase : std::uint8_t { starting, serving, draining };

struct HealthDependencies {
  asio::any_io_executor executor;
  const Clock& clock;
  Store& store;
  Metrics& metrics;
  ConfigSource config;
  std::function<routing::Desk*()> desk;           // null until it has started
  std::function<channels::Channels*()> channels;  // likewise
  std::function<void()> measure;                  // tells the metrics what is asked of the process only when they are
  std::function<std::uint64_t()> bodies_refused;  // requests answered 503, so far: no room for their bodies
};

/// Looks at everything once a second and whenever the store comes or goes; a request is answered with the last look,
/// so that it costs nothing and no trouble of the store can hold it up. One thread.
class Health {
 public:
  virtual ~Health() = default;

  virtual void start() = 0;
  virtual asio::awaitable<void> stop() = 0;

  /// GET /health, /livez, /readyz, /metrics.
  virtual void attach(net::Routes& routes) = 0;

  virtual void set_phase(Phase phase) = 0;
  /// Why the last reload was refused; empty: it was not.
  virtual void set_reload_failure(std::string why) = 0;
  virtual void set_not_yet(std::vector<config::NotYet> not_yet) = 0;

  virtual bool ready() const = 0;
  /// Looks again at once, without reading the store.
  virtual void publish() = 0;
};

std::unique_ptr<Health> create_health(HealthDependencies dependencies);

}  // namespace peyk::daemon
