// Calls the scripts of routing/store: one place for keys, deadlines, the configuration's hash and errors.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/log_gate.h"
#include "base/redis/client.h"

namespace peyk::routing::store {

namespace asio = boost::asio;

struct RunnerOptions {
  std::string desk;
  Milliseconds timeout{2000};  // a script that begins later than this does nothing
  int replicas = 0;            // that must have a write before it counts (WAIT); 0: none
  /// Every call carries the clock's time instead of the store's own: tests and the simulator own the time.
  bool own_time = false;
  /// What this daemon is called in the entries of offers that its calls make, as `via`; their replies then say what the
  /// agents see of them. Empty: neither.
  std::string caller{};
};

/// A script's part of the contract in docs/store.md.
enum class Access : std::uint8_t { read, write };

/// One desk's scripts over one client. One thread.
///
/// Deadlines are times of the store's clock, which is known by how far it is from `clock` – one that never steps, so
/// that only the store's own steps move it. A call that the store calls late is looked into: had its clock moved, the
/// call is made once more.
///
/// Errors: `late`, `damaged` (`is_damaged`) and every failure to reach the store are `unavailable` (after a time-out
/// the script may yet have run: its callers' keys make a second call harmless); `not_found`, `conflict` (the message
/// begins with the word of `why`), `invalid` and `internal` are the script's own.
class Runner {
 public:
  Runner(redis::Client& client, const Clock& clock, RunnerOptions options);

  /// Runs the script and returns what its "ok" holds. `arguments` and `body` are JSON objects; `body` may be empty.
  asio::awaitable<Result<boost::json::object>> run(std::string_view script, Access access, std::string arguments,
                                                   std::string body = {});
  asio::awaitable<Result<boost::json::object>> write(std::string_view script, std::string arguments,
                                                     std::string body = {});
  asio::awaitable<Result<boost::json::object>> read(std::string_view script, std::string arguments);

  /// Measures how far the store's clock is from ours, for deadlines. To be called after each connect; the replies of
  /// `timers`, which tell the store's time, measure it at every tick. A time that took longer to come than a quarter of
  /// the time-out says too little and is not believed: `unavailable`.
  asio::awaitable<Result<>> measure_clock();
  /// The store's clock.
  Time now() const;

  /// The configuration that calls are made under; empty: not compared.
  void set_config(std::string version) { config_ = std::move(version); }
  /// Whether the store last said that the desk's configuration is another one. A stale call is made again without the
  /// comparison: a customer is taken in all the same.
  bool stale() const { return stale_; }
  void set_stale(bool stale) { stale_ = stale; }

  /// Who is told of each offer that a call of this runner made, as `read_offer` would show it.
  void on_offer(std::function<void(const boost::json::object&)> listener) { offer_listener_ = std::move(listener); }
  const std::string& caller() const { return options_.caller; }

  const std::string& desk() const { return options_.desk; }
  bool own_time() const { return options_.own_time; }
  std::string key(std::string_view name) const;

 private:
  struct Call;
  /// The store's clock showed `theirs` at some moment between `before` and `after` of ours.
  struct ClockSample {
    Time theirs;
    Time before;
    Time after;
    Milliseconds trip() const { return after - before; }
  };
  asio::awaitable<Result<boost::json::object>> send_twice(std::string_view script, Call call, bool writes);
  asio::awaitable<Result<redis::Reply>> attempt(Call& call, bool writes);
  asio::awaitable<bool> clock_had_moved(std::uint64_t known);
  asio::awaitable<Result<ClockSample>> ask_time();
  Milliseconds longest_trip() const { return options_.timeout / 4; }
  void heard(const ClockSample& sample);
  void log_slow(const Call& call, Milliseconds took, std::size_t reply_bytes);
  asio::awaitable<Result<redis::Reply>> send(const Call& call, bool writes);
  asio::awaitable<Result<redis::Reply>> send_replicated(const Call& call);

  redis::Client& client_;
  const Clock& clock_;
  RunnerOptions options_;
  std::string config_;
  std::function<void(const boost::json::object&)> offer_listener_;
  Milliseconds offset_{0};
  std::uint64_t clock_moves_ = 0;  // how often `offset_` was found wrong
  bool stale_ = false;
  LogGate slow_lines_;
};

/// Whether a call was refused because the desk's own key is damaged: until an audit has mended it no script does
/// anything else.
bool is_damaged(const Error& error);

/// Every script, ready for redis::Client::start.
const std::vector<redis::Script>& all_scripts();

}  // namespace peyk::routing::store
