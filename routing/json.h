// The domain's objects as the API's JSON ("Shapes" in docs/api.md): times RFC 3339, durations in seconds, null where
// there is none.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "routing/channel_messages.h"
#include "routing/conversation.h"
#include "routing/presence.h"
#include "routing/reader.h"

namespace peyk::routing {

boost::json::object to_json(const Identity& identity);
boost::json::object to_json(const Contact& contact);
boost::json::object to_json(const Attachment& attachment);
boost::json::object to_json(const Author& author);
boost::json::object to_json(const Message& message);
boost::json::object to_json(const Demand& demand);
boost::json::object to_json(const Promise& promise);
boost::json::object to_json(const Conversation& conversation);
boost::json::object to_json(const WaitEstimate& wait);
/// The fields of the agent socket's `offer` event; `conversation` is the id.
boost::json::object to_json(const OfferView& offer);
boost::json::object to_json(const AgentView& agent);
boost::json::object to_json(const Unroutable& dead);
boost::json::object to_json(const QueueView& queue);

template <typename T>
boost::json::array to_json_array(const std::vector<T>& items) {
  boost::json::array array;
  array.reserve(items.size());
  for (const auto& item : items) array.emplace_back(to_json(item));
  return array;
}

/// Ids and names as an array of text.
template <typename Tag>
boost::json::array to_json_array(const std::vector<StrongId<Tag>>& ids) {
  boost::json::array array;
  array.reserve(ids.size());
  for (const auto& id : ids) array.emplace_back(id.str());
  return array;
}

}  // namespace peyk::routing
