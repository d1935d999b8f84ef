// A redis-server of our own, as a child process: started, watched, ended with us.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace peyk::redis {

namespace asio = boost::asio;

struct PrivateServerOptions {
  std::filesystem::path folder;  // holds socket, AOF, lock; created 0700
  bool keep = true;              // writes an AOF; else what it holds ends with it
  bool fsync_always = true;      // appendfsync always, else everysec
  std::string program = "redis-server";
  std::uintmax_t least_free_bytes = std::uintmax_t{8} << 20U;  // with less on its disk it is not started
};

/// One server on one folder, ever: the folder's lock is held by the server process itself, and the next one waits
/// for it. A torn AOF is mended with redis-check-aof before each start. A server that exits is started again with
/// back-off. It dies with this process (PR_SET_PDEATHSIG, which goes by thread: use it from the main thread) and lives
/// in a process group of its own, so that a Ctrl-C reaches only us. Its log goes to ours.
class PrivateServer {
 public:
  virtual ~PrivateServer() = default;
  /// Starts it and returns when it accepts connections (it may still be loading its data, and answers `LOADING` so
  /// long); an error names what it wrote last. Once.
  virtual asio::awaitable<Result<>> start(std::chrono::milliseconds limit) = 0;
  /// SIGTERM, then waits; SIGKILL when `limit` has passed. Needed before destruction after a `start()`.
  virtual asio::awaitable<void> stop(std::chrono::milliseconds limit) = 0;
  /// Valid in this process; fits a socket address however long the folder's name is.
  virtual std::string socket_path() const = 0;
  /// Why it is not running (e.g. "disk full"), from its exit and its log; empty while it runs.
  virtual std::string trouble() const = 0;
  /// Whether it stopped, or refuses to write, because its disk is full.
  virtual bool disk_full() const = 0;
  virtual int pid() const = 0;  // 0 when not running
};

std::unique_ptr<PrivateServer> create_private_server(asio::any_io_executor executor, PrivateServerOptions options);

}  // namespace peyk::redis
