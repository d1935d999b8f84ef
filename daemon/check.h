// `peykd --check`: says what is wrong with a configuration, and what it promises.
#pragma once

#include <iosfwd>

#include "config/loader.h"
#include "daemon/options.h"

namespace peyk::daemon {

/// Where the secrets are when systemd hands them over ($CREDENTIALS_DIRECTORY), and the overrides.
config::LoadOptions load_options(const Options& options);

/// Loads; prints "configuration ok" and the starvation bound, or every error as FILE:LINE:COLUMN: message; warnings
/// go to `err` either way. The exit status: 0 or 1.
int run_check(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace peyk::daemon
