// One company's support floor: everything of routing, built and started together.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/async/worker_pool.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/redis/client.h"
#include "config/config.h"
#include "routing/agent_work.h"
#include "routing/blobs.h"
#include "routing/event_feed.h"
#include "routing/intake.h"
#include "routing/outbox.h"
#include "routing/presence.h"
#include "routing/reader.h"
#include "routing/route_preview.h"

namespace peyk::routing {

struct DeskDependencies {
  asio::any_io_executor executor;
  redis::Client& client;                 // for scripts; already started with `desk_scripts()`
  redis::ClientOptions feed_connection;  // for the connections of feed and signals
  WorkerPool& pool;
  const Clock& clock;
  RandomSource& random;
};

/// The scripts that `client` must be started with.
std::vector<redis::Script> desk_scripts();

/// What the timekeeper and the roster found: for health.
struct DeskIssues {
  struct Issue {
    std::string code;  // "demand.unroutable", "store.clock_jump", "desk.stale_configuration", …
    std::string message;
    Time since;
  };
  std::vector<Issue> issues;
};

/// Owns its parts. One thread.
class Desk {
 public:
  virtual ~Desk() = default;

  /// Writes roster and settings of `config` (small steps, resumable), then begins to keep time, read events and
  /// empty the outbox. Waits for the store.
  virtual asio::awaitable<Result<>> start() = 0;
  virtual asio::awaitable<void> stop() = 0;

  /// Swaps the configuration: all of it, or an error and nothing (a queue with work that is gone without `move_to`).
  virtual asio::awaitable<Result<>> reconfigure(std::shared_ptr<const config::Config> config) = 0;
  virtual std::shared_ptr<const config::Config> config() const = 0;

  /// What the rules in force say of such a message (routing/route_preview.h).
  virtual Result<boost::json::object> preview(const RouteQuestion& question) = 0;

  virtual Intake& intake() = 0;
  virtual AgentWork& work() = 0;
  virtual Presence& presence() = 0;
  virtual Reader& reader() = 0;
  virtual Blobs& blobs() = 0;
  virtual EventFeed& events() = 0;
  virtual Signals& signals() = 0;
  virtual Outbox& outbox() = 0;
  virtual DeskIssues issues() const = 0;
};

std::unique_ptr<Desk> create_desk(DeskDependencies dependencies, std::shared_ptr<const config::Config> config,
                                  std::filesystem::path state_dir);

}  // namespace peyk::routing
