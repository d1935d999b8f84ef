// Writes the configuration's roster and settings into the store, step by step.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "routing/settings.h"
#include "routing/store/runner.h"

namespace peyk::routing {

namespace asio = boost::asio;

/// Small steps, each harmless when repeated; the last one makes the configuration the desk's. A run that broke off is
/// made up for by the next one, of this or any other configuration. Nothing is written when the desk runs this
/// configuration already. `conflict`, with nothing written, when a queue is gone that has work and names no queue to
/// move it to.
asio::awaitable<Result<>> write_roster(store::Runner& runner, SettingsPtr settings);

}  // namespace peyk::routing
