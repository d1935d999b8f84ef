// The load generator's loop: one thread, many sockets.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace peyk::bench {

using SteadyClock = std::chrono::steady_clock;

/// Somebody who reads a socket.
class Reader {
 public:
  virtual ~Reader() = default;
  /// The socket has something to read.
  virtual void readable() = 0;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// `reader` outlives the poller's runs.
  void add(int socket, Reader& reader) const;

  /// Serves the sockets that have something, or waits until `until` for one that has.
  void poll(SteadyClock::time_point until);

  /// Polls until `done`; throws when that takes longer than `limit`.
  void run_until(const std::function<bool()>& done, std::chrono::seconds limit);

 private:
  int epoll_;
};

/// Appends what a socket has to `bytes`; throws when the peer has closed.
void receive(int socket, std::string& bytes);

}  // namespace peyk::bench
