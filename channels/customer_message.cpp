#include "channels/customer_message.h"

#include <boost/json.hpp>

namespace peyk::channels {

std::optional<std::string_view> customer_view_of(const routing::Message& message) {
  switch (message.direction) {
    case routing::Direction::in: return "visitor";
    case routing::Direction::out: return "agent";
    case routing::Direction::system: return "system";
    case routing::Direction::note: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<boost::json::object> customer_json(const routing::Message& message) {
  const auto from = customer_view_of(message);
  // Held answers have not been released to anybody yet.
  if (!from || message.state == routing::MessageState::held) return std::nullopt;
  boost::json::array attachments;
  for (const auto& attachment : message.attachments) {
    attachments.push_back(boost::json::object{
        {"id", attachment.id.str()}, {"name", attachment.name}, {"type", attachment.type}, {"size", attachment.size}});
  }
  return boost::json::object{{"id", message.id.str()}, {"at", to_rfc3339(message.at)},
                             {"from", *from},          {"name", message.author.name},
                             {"text", message.text},   {"attachments", std::move(attachments)}};
}

}  // namespace peyk::channels
