// `peykctl desk`: an agent's desk in the terminal.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "daemon/ctl/api.h"
#include "daemon/ctl/style.h"

namespace peyk::ctl {

/// Until the agent quits or the input ends. Comes back by itself after a lost connection. Exit status.
asio::awaitable<int> run_desk(Api& api, Style style);

}  // namespace peyk::ctl
