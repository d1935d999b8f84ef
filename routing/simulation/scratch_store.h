// A Redis for one simulation: nothing of it is written to a disk, and nothing is left of it.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "base/redis/client.h"

namespace peyk::routing::simulation {

namespace asio = boost::asio;

/// A `redis-server` of our own on a Unix socket in a temporary folder, with the scripts loaded. To be used from the
/// main thread, with which it dies. `stop()` before destruction.
class ScratchStore {
 public:
  virtual ~ScratchStore() = default;
  virtual redis::Client& client() = 0;
  /// Ends the server and removes its folder.
  virtual asio::awaitable<void> stop() = 0;
};

/// Errors: `unavailable` when the server cannot be started, saying why.
asio::awaitable<Result<std::unique_ptr<ScratchStore>>> start_scratch_store();

}  // namespace peyk::routing::simulation
