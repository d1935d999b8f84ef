// The log as the configuration wants it: one line an event, on standard error.
#pragma once

#include "config/config.h"

namespace peyk::daemon {

/// Text: "2027-03-21T09:00:00.123Z info event.name key=value …"; below systemd without the time, which the journal
/// adds, and with its level as "<4>". Json: one object a line with "time", "level", "event" and "text".
void set_up_log(const config::Log& log);

}  // namespace peyk::daemon
