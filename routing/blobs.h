// Raw mail and attachments: content-addressed files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/async/worker_pool.h"
#include "base/error.h"
#include "routing/types.h"

namespace peyk::routing {

namespace asio = boost::asio;

/// Why the last content could not be written, and how often that has happened; `why` is empty once one as large was
/// written.
struct Trouble {
  std::string why;
  std::uint64_t times = 0;
};

/// Written and fsynced, folder included, before put() returns; never changed afterwards. Work runs on the pool.
class Blobs {
 public:
  virtual ~Blobs() = default;
  /// The same content gives the same id and is stored once. `unavailable` when the disk is full or refuses.
  virtual asio::awaitable<Result<BlobId>> put(std::string content) = 0;
  virtual asio::awaitable<Result<std::string>> get(BlobId id) = 0;
  /// Each counts as stored now, so that nobody removes it for a day; what was put long ago needs this before a message
  /// names it. `unprocessable`, naming `attachments`, when one is gone.
  virtual asio::awaitable<Result<>> keep(std::vector<BlobId> ids) = 0;
  virtual Trouble trouble() const = 0;
};

std::unique_ptr<Blobs> create_blobs(WorkerPool& pool, std::filesystem::path folder);

}  // namespace peyk::routing
