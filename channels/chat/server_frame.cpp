#include "channels/chat/server_frame.h"

#include <boost/json.hpp>

#include "channels/customer_message.h"
#include "channels/web/wait_json.h"

namespace peyk::channels::chat {
namespace {

namespace json = boost::json;

json::value time_or_null(const std::optional<Time>& time) {
  if (!time) return nullptr;
  return json::value(to_rfc3339(*time));
}

json::array shown(const std::vector<routing::Message>& messages) {
  json::array list;
  for (const auto& message : messages) {
    if (auto seen = customer_json(message)) list.push_back(std::move(*seen));
  }
  return list;
}

/// The `before` of the messages before these; null: these are the first.
json::value next_before(const routing::MessagePage& page) {
  if (!page.more || page.messages.empty()) return nullptr;
  return page.messages.front().seq;
}

}  // namespace

std::string welcome_frame(const Welcome& welcome) {
  json::object frame{{"type", "welcome"}, {"visitor", welcome.token}, {"conversation", nullptr}};
  if (welcome.conversation != nullptr) {
    frame["conversation"] = welcome.conversation->id.str();
    frame["reference"] = welcome.conversation->reference;
    frame["state"] = routing::to_string(welcome.conversation->state);
  }
  frame["messages"] = welcome.history == nullptr ? json::array() : shown(welcome.history->messages);
  frame["next"] = welcome.history == nullptr ? json::value() : next_before(*welcome.history);
  frame["hours"] = json::object{{"open", welcome.opening.open}, {"next", time_or_null(welcome.opening.next)}};
  return json::serialize(frame);
}

std::string history_frame(const routing::ConversationId& conversation, const routing::MessagePage& page) {
  return json::serialize(json::object{{"type", "history"},
                                      {"conversation", conversation.str()},
                                      {"messages", shown(page.messages)},
                                      {"next", next_before(page)}});
}

std::string ack_frame(const std::string& key, const routing::Accepted& accepted) {
  return json::serialize(json::object{{"type", "ack"},
                                      {"key", key},
                                      {"message", accepted.message.str()},
                                      {"at", to_rfc3339(accepted.at)},
                                      {"conversation", accepted.conversation.str()},
                                      {"reference", accepted.reference}});
}

std::string queued_frame(std::optional<int> position, const std::optional<routing::WaitEstimate>& wait) {
  return json::serialize(
      json::object{{"type", "queued"}, {"position", position_json(position)}, {"wait", wait_json(wait)}});
}

std::string assigned_frame(const std::string& agent_name) {
  return json::serialize(json::object{{"type", "assigned"}, {"agent", {{"name", agent_name}}}});
}

std::optional<std::string> message_frame(const routing::Message& message) {
  auto shown = customer_json(message);
  if (!shown) return std::nullopt;
  return json::serialize(json::object{{"type", "message"}, {"message", std::move(*shown)}});
}

std::string typing_frame() {
  return R"({"type":"typing"})";
}

std::string resolved_frame(const routing::ConversationId& conversation) {
  return json::serialize(json::object{{"type", "resolved"}, {"conversation", conversation.str()}});
}

std::string rated_frame() {
  return R"({"type":"rated"})";
}

std::string error_frame(ErrorCode code, std::string_view message, const std::string& key) {
  json::object frame{{"type", "error"}, {"code", to_string(code)}, {"message", message}};
  if (!key.empty()) frame["key"] = key;
  return json::serialize(frame);
}

}  // namespace peyk::channels::chat
