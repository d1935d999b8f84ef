// Log-ins of agents: passwords checked, tokens given out, found and ended.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/async/worker_pool.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/redis/client.h"
#include "base/secret.h"
#include "config/config.h"

namespace peyk::daemon {

/// The configuration in force.
using ConfigSource = std::function<config::ConfigPtr()>;

struct LogIn {
  std::string token;  // 256 bit; only its hash is stored
  Time expires_at;
};

struct Session {
  std::string id;  // the token's hash
  AgentName agent;
  Time expires_at;
};

struct SessionsDependencies {
  redis::Client& client;
  WorkerPool& passwords;  // where hashes are worked out
  const Clock& clock;
  RandomSource& random;
  ConfigSource config;
};

/// Sessions live in Redis (`peyk:{desk}:session:SHA256`), so that any daemon of the desk knows them. They end with
/// their lifetime, by `end`, when their agent leaves the configuration and when his password changes. One thread.
class Sessions {
 public:
  virtual ~Sessions() = default;

  /// `unauthorized` for a wrong password or an unknown agent, in the same time and words; `throttled` after
  /// `failed_logins` failures of this agent from this address (5 times that of this address over all agents, 20 times
  /// of this agent from everywhere) within `failed_within`; right passwords never count. `unavailable` without the
  /// store.
  virtual asio::awaitable<Result<LogIn>> log_in(AgentName agent, Secret password, std::string peer) = 0;

  /// `unauthorized` when the token is unknown, expired or ended.
  virtual asio::awaitable<Result<Session>> find(std::string token) = 0;

  /// Ends a session; one that is not there is no error.
  virtual asio::awaitable<Result<>> end(std::string token) = 0;

  /// Looks again at a session that was found earlier: `unauthorized` when it has ended meanwhile.
  virtual asio::awaitable<Result<>> check(Session session) = 0;
};

std::unique_ptr<Sessions> create_sessions(SessionsDependencies dependencies);

}  // namespace peyk::daemon
