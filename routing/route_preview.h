// What the rules say of a message that nobody has sent: the same rules and demands, without a store.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/error.h"
#include "routing/settings.h"

namespace peyk::routing {

struct RouteQuestion {
  ChannelName channel;
  std::string subject;
  std::string text;
  std::string sender;  // address or name
  Language language;   // empty: found as for a message
  std::map<std::string, std::string> fields;
  std::vector<std::string> contact_tags;
  std::optional<Time> at;  // of dates and hours; none: now
};

/// The rule it would hit and the demand it makes, with how many agents of the roster could take it at each step of its
/// relaxation (JSON as docs/api.md has it). `unprocessable`, naming the field, for a channel, a language or a form's
/// field that there is not.
Result<boost::json::object> preview_route(Settings& settings, const RouteQuestion& question, Time now);

}  // namespace peyk::routing
