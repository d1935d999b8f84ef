// What the foundation alone does with the same requests: the HTTP server of base/net, with a handler that only calls
// the store, in a process of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <sys/types.h>

#include "tests/bench/support/daemon.h"
#include "tests/support/redis_server.h"

namespace peyk::bench {

struct BareOptions {
  int calls = 0;    // of a one-command script, one after another, for each request
  bool aof = true;  // appendfsync always
};

/// Killed by the destructor.
class BareServer {
 public:
  explicit BareServer(const BareOptions& options);
  ~BareServer();
  BareServer(const BareServer&) = delete;
  BareServer& operator=(const BareServer&) = delete;

  std::uint16_t port() const { return port_; }
  CpuTimes cpu() const;

 private:
  std::optional<test::RedisServer> store_;
  std::uint16_t port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace peyk::bench
