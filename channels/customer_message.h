// A message as its customer may see it.
#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "routing/conversation.h"

namespace peyk::channels {

/// Who wrote it, in the customers' API: "visitor", "agent" or "system". Nothing for agents' notes, which customers
/// never see.
std::optional<std::string_view> customer_view_of(const routing::Message& message);

/// {"id", "at", "from", "name", "text", "attachments"}; nothing for notes.
std::optional<boost::json::object> customer_json(const routing::Message& message);

}  // namespace peyk::channels
