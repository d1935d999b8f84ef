// The life of the process: signals, systemd, start, reload, drain.
#pragma once

#include "config/loader.h"
#include "daemon/options.h"

namespace peyk::daemon {

/// Runs the daemon until it is told to stop. The exit status: 0 after a drain, 1 when it could not start.
///
/// SIGTERM, SIGINT: drain within ten seconds; a second one leaves at once. SIGHUP: reload. systemd is told READY,
/// RELOADING and STOPPING, and its watchdog is fed by the very loop that serves.
int run_daemon(Options options, config::LoadResult loaded);

}  // namespace peyk::daemon
