// The scripts' JSON as the domain's values (docs/store.md). What is absent is empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "routing/conversation.h"
#include "routing/presence.h"
#include "routing/reader.h"

namespace peyk::routing::store {

namespace json = boost::json;

/// Members by name, empty when absent or of another type: the store is ours, so that damage is the audit's business.
std::string text(const json::object& object, std::string_view key);
std::int64_t number(const json::object& object, std::string_view key);
double real(const json::object& object, std::string_view key);
bool flag(const json::object& object, std::string_view key);
std::optional<Time> time(const json::object& object, std::string_view key);
/// The empty object and the empty array when there is none.
const json::object& object_in(const json::object& object, std::string_view key);
const json::array& array_in(const json::object& object, std::string_view key);
std::vector<std::string> texts(const json::object& object, std::string_view key);

template <typename Id>
std::vector<Id> ids(const json::object& object, std::string_view key) {
  std::vector<Id> found;
  for (auto& value : texts(object, key)) found.emplace_back(std::move(value));
  return found;
}

template <typename Enum>
std::optional<Enum> spelled(const json::object& object, std::string_view key) {
  return parse<Enum>(text(object, key));
}

Identity read_identity(const json::object& object);
std::vector<Identity> read_identities(const json::object& object, std::string_view key);
Conversation read_conversation(const json::object& object);
Message read_message(const json::object& object);
Contact read_contact(const json::object& object);
AgentView read_agent(const json::object& object);
QueueView read_queue(const json::object& object, Time now);

template <typename T>
std::vector<T> read_all(const json::array& array, T (*read)(const json::object&)) {
  std::vector<T> items;
  items.reserve(array.size());
  for (const auto& value : array) {
    if (value.is_object()) items.push_back(read(value.get_object()));
  }
  return items;
}

}  // namespace peyk::routing::store
