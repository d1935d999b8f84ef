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

}  // namespace

std::string welcome_frame(const Welcome& welcome) {
  json::array messages;
  if (welcome.history != nullptr) {
    for (const auto& message : *welcome.history) {
      if (auto shown = customer_json(message)) messages.push_back(std::move(*shown));
    }
  }
  json::object frame{{"type", "welcome"}, {"visitor", welcome.token}, {"conversation", nullptr}};
  if (welcome.conversation != nullptr) {
    frame["conversation"] = welcome.conversation->id.str();
    frame["reference"] = welcome.conversation->reference;
    frame["state"] = routing::to_string(welcome.conversation->state);
  }
  frame["messages"] = std::move(messages);
  frame["hours"] = json::object{{"open", welcome.opening.open}, {"next", time_or_null(welcome.opening.next)}};
  return json::serialize(frame);
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
