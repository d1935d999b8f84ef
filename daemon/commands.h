// What agents may ask for, the same over WebSocket and REST: fields checked, permission asked, then done.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "base/error.h"
#include "daemon/metrics.h"
#include "daemon/permissions.h"
#include "daemon/sessions.h"
#include "daemon/uploads.h"
#include "routing/desk.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// The commands of docs/api.md: presence, accept, decline, reply, note, transfer, resolve, snooze, pending, start,
/// typing, read. One thread.
class Commands {
 public:
  virtual ~Commands() = default;

  static bool known(std::string_view command);

  /// `fields` are the command's own ("conversation", "text", …); unknown ones are refused. Returns the fields of the
  /// answer. Errors as routing/agent_work.h and permissions.h have them; `invalid` for an unknown command.
  virtual asio::awaitable<Result<boost::json::object>> run(Caller caller, std::string command,
                                                           boost::json::object fields) = 0;
};

/// All must outlive it.
struct CommandsDependencies {
  routing::Desk& desk;
  Uploads& uploads;
  Metrics& metrics;
  const Clock& clock;
  ConfigSource config;
};
std::unique_ptr<Commands> create_commands(CommandsDependencies dependencies);

}  // namespace peyk::daemon
