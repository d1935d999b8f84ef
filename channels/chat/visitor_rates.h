// How often a visitor may have the store, the agents and the desk's stream look at what is no message.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "channels/web/rate_limiter.h"

namespace peyk::channels::chat {

/// Each answers how long he has to wait; nullopt: he may, and it counts. `identity` is the visitor's however many
/// sockets he has, `peer` the address one of them comes from. One thread.
class VisitorRates {
 public:
  using Wait = std::optional<std::chrono::milliseconds>;

  /// He comes back: the store reads what was said.
  Wait come_back(const std::string& identity, const std::string& peer, Time now);
  /// A page of earlier messages.
  Wait turn_back(const std::string& identity, const std::string& peer, Time now);
  /// An agent is told what he has read.
  Wait tell_read(const std::string& identity, Time now);
  /// He ends or rates.
  Wait end(const std::string& identity, Time now);

 private:
  Wait read_store(const std::string& who, const std::string& peer, Time now);

  RateLimiter rates_;
};

}  // namespace peyk::channels::chat
