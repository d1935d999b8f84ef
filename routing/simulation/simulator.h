// Runs a day through the very scripts and rules of the daemon, on a Redis of its own and a virtual clock.
#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "base/redis/client.h"
#include "config/config.h"
#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

namespace asio = boost::asio;

struct Run {
  config::ConfigPtr config;
  const Day* day = nullptr;  // outlives the run
  std::uint64_t seed = 1;    // of the ids, and of nothing else: the same seed, configuration and day, the same outcome
};

/// Agents answer what they are offered and resolve it; they send nothing, so a conversation weighs what it weighs until
/// it is resolved. No socket is lost; shifts are those of the day, not of the configuration. Who is set away for missed
/// offers comes back with his next shift. Answers of overflow rules are not sent. A customer who has lost his patience
/// leaves; each is new to the desk.
///
/// `client` is connected to a Redis that holds nothing else, with the scripts loaded; the run empties it first.
///
/// Errors: `invalid` when the day names a channel, queue or agent that the configuration has not; `unavailable` when
/// the store fails.
asio::awaitable<Result<Outcome>> simulate(redis::Client& client, Run run);

}  // namespace peyk::routing::simulation
