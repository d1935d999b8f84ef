// Why a conversation is where it is, in words.
#pragma once

#include <boost/json/object.hpp>

#include "base/clock.h"

namespace peyk::routing {

/// The reply of the script `read_explain` as the API shows it: times as RFC 3339, and "text", some lines for people.
boost::json::object explain(boost::json::object reply);

}  // namespace peyk::routing
