// Removes files that no message names: of forms that were refused, of uploads that were never sent.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/async/worker_pool.h"
#include "base/error.h"
#include "base/random.h"
#include "routing/store/runner.h"

namespace peyk::routing {

namespace asio = boost::asio;

/// Files whose writers died go too. Several daemons may sweep one folder. A folder and a store know each other by a
/// mark that both keep: with a store that has been emptied, or is another one, nothing is removed.
class BlobSweep {
 public:
  virtual ~BlobSweep() = default;
  /// Sweeps every few hours what is older than a day, beginning an hour after the start.
  virtual void start() = 0;
  virtual asio::awaitable<void> stop() = 0;

  /// Removes files last stored longer than `age` ago, whether for the first time or again, which no message names;
  /// returns how many. `conflict`: this is not the store that the folder belongs to.
  virtual asio::awaitable<Result<std::size_t>> sweep(std::chrono::seconds age) = 0;
};

struct BlobSweepDependencies {
  asio::any_io_executor executor;
  WorkerPool& pool;
  store::Runner& runner;
  RandomSource& random;
};

/// `folder`: the one that create_blobs was given.
std::unique_ptr<BlobSweep> create_blob_sweep(BlobSweepDependencies dependencies, std::filesystem::path folder);

}  // namespace peyk::routing
