// A real redis-server for one test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/redis/client.h"
#include "base/redis/reply.h"
#include "tests/support/temp_folder.h"

namespace peyk::test {

struct RedisServerOptions {
  bool tcp = false;                  // listens on TCP too, on a free port of 127.0.0.1
  bool tls = false;                  // listens with TLS too, certificate of a CA of its own
  bool aof = false;                  // appendonly yes, appendfsync always
  std::vector<std::string> extra{};  // further arguments: {"--requirepass", "secret"}
};

/// Started by the constructor, which throws when it does not answer; killed by the destructor, and by the end of the
/// test program. Always listens on a Unix socket. Keeps its data over `kill9()` and `start()` when `aof` is set.
class RedisServer {
 public:
  explicit RedisServer(RedisServerOptions options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  redis::Endpoint endpoint() const;      // the Unix socket
  redis::Endpoint tcp_endpoint() const;  // with `tcp`
  redis::Endpoint tls_endpoint() const;  // with `tls`; names "localhost" and trusts the CA
  std::string url() const;               // "unix://…", as the configuration has it

  /// One command on a connection of its own, blocking, as the default user. Throws when there is no answer.
  redis::Reply command(const std::vector<std::string>& words) const;

  void kill9();
  void start();    // after kill9(); returns when it answers
  void restart();  // kill9() and start()
  void freeze();   // SIGSTOP
  void thaw();     // SIGCONT

  pid_t pid() const { return pid_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string log() const;

 private:
  std::vector<std::string> arguments() const;
  bool answers() const;

  TempFolder folder_;
  RedisServerOptions options_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  pid_t pid_ = 0;
};

/// A TCP port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port();

}  // namespace peyk::test
