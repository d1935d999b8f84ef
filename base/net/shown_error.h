// What a peer is told of an error.
#pragma once

#include <string>

#include "base/error.h"

namespace peyk::net {

/// The error's own message where it is about what the peer sent. Of trouble in the house (`unavailable`, `timeout`,
/// `stale`, `cancelled`, `internal`), whose messages name sockets, files and scripts, only that there is some; the
/// message goes into the log: `http.internal_error` each, `http.unavailable` at most one a second. One thread.
std::string shown_message(const Error& error);

}  // namespace peyk::net
