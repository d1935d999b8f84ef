// Many calls of scripts in one, on a virtual clock: docs/store.md, `batch`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "config/values.h"
#include "routing/event_feed.h"
#include "routing/store/runner.h"

namespace peyk::routing::simulation {

struct Call {
  Time at;
  std::string_view script;  // lives longer than the call
  std::string arguments;
  std::string body{};
  ConversationId conversation{};  // that is accepted or left
};

struct Batch {
  Time begin;
  Time until;  // not before the last call; what follows from the calls, and timers, are run if they are earlier
  Milliseconds accept_after{0};
  std::string handling{};  // JSON: how long a conversation takes that is accepted; not known: it is not resolved here
  std::vector<Call> calls{};
};

/// What an agent carries from a time on.
struct Load {
  Time at;
  AgentName agent;
  config::Units units;
};

struct BatchDone {
  std::size_t calls = 0;  // how many of those given; the others are still to be made
  std::int64_t ran = 0;   // scripts in all
  Time at;                // how far time went
  std::vector<Load> loads;
  std::vector<Event> events;
};

/// Runs it, and takes what happened from the desk's stream, which is empty afterwards.
///
/// Errors: `unavailable` when the store fails; `internal` when a script refused what it should not have. An offer that
/// is over when it is accepted is no error, nor is an answer to what belongs to another by then.
asio::awaitable<Result<BatchDone>> run_batch(redis::Client& client, const store::Runner& runner, Batch batch);

}  // namespace peyk::routing::simulation
