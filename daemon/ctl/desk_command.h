// One line typed at the terminal desk, as what it asks for.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "daemon/ctl/desk_view.h"

namespace peyk::ctl {

struct DeskCommand {
  enum class Kind : unsigned char { nothing, send, print, quit };
  Kind kind = Kind::nothing;
  boost::json::object frame;  // of send: a command of peyk.agent.v1 without its id
  std::string text;           // of print
};

/// `key`: a fresh one, for commands that carry one. An error says how to type it.
Result<DeskCommand> parse_desk_command(std::string_view line, DeskView& view, Time now, std::string key);

/// Every command with a line on what it does.
std::string desk_help();

}  // namespace peyk::ctl
