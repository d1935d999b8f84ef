// A desk without a daemon: the store's scripts, called as the daemon calls them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/redis/client.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

namespace peyk::bench {

namespace asio = boost::asio;

constexpr int kCallers = 50;

struct Load {
  int rounds;
  int callers = kCallers;
};

/// So many rounds, one after another.
using Worker = std::function<asio::awaitable<void>(int rounds)>;

/// Ends the program when a script refuses. `server` outlives it.
class StoreDesk {
 public:
  explicit StoreDesk(const test::RedisServer& server);
  ~StoreDesk();
  StoreDesk(const StoreDesk&) = delete;
  StoreDesk& operator=(const StoreDesk&) = delete;

  /// The reply of a script; how long it took is appended to `micros`.
  asio::awaitable<std::string> call(std::string_view script, std::string arguments, std::string body = {});
  std::string now_call(std::string_view script, std::string arguments);

  /// Shares the rounds out among callers that work at once; seconds it took.
  double all(Load load, const Worker& worker);

  redis::Client& client() { return *client_; }
  /// Bytes that the store uses.
  std::uint64_t memory() const;

  /// The desk's time goes as the clock does: what scripts keep for a while, they keep as long as in a real desk.
  std::int64_t now() const;

  std::vector<double> micros;

 private:
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  const test::RedisServer& server_;
  test::Loop loop_;
  std::unique_ptr<redis::Client> client_;
};

}  // namespace peyk::bench
