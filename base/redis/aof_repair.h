// Makes the append-only log of a crashed redis-server whole again.
#pragma once

#include <filesystem>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/error.h"

namespace peyk::redis {

namespace asio = boost::asio;

inline constexpr std::string_view kAofFolder = "appendonlydir";
inline constexpr std::string_view kAofName = "appendonly.aof";

struct AofRepair {
  std::filesystem::path folder;  // the server's
  std::string program;           // redis-server, which is also its checker
  int lock_fd = -1;              // of the folder; the checker holds it too
};

/// Cuts off what a crash left half written. Redis itself takes a log cut inside a transaction for good, and loses what
/// it appends after that place at its next start. What is cut off is kept in a file `cut-off-…` in the folder. An error
/// when the log is damaged otherwise: then nothing is changed. Without a log there is nothing to do.
asio::awaitable<Result<>> repair_aof(asio::any_io_executor executor, AofRepair repair);

}  // namespace peyk::redis
