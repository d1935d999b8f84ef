#include "daemon/detail.h"

#include "routing/json.h"
#include "routing/last_messages.h"

namespace peyk::daemon {

asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::Conversation conversation) {
  const auto messages = co_await reader.messages(conversation.id, routing::kLastMessages, kMaxMessages);
  if (!messages) co_return std::unexpected(messages.error());
  const bool truncated = !messages->empty() && messages->front().seq > 1;
  auto detail = routing::to_json(conversation);
  boost::json::array array;
  array.reserve(messages->size());
  for (const auto& message : *messages) array.emplace_back(routing::to_json(message));
  detail["messages"] = std::move(array);
  if (truncated) detail["truncated"] = true;
  detail["contact_detail"] = nullptr;
  if (!conversation.contact.empty()) {
    const auto contact = co_await reader.contact(conversation.contact);
    if (contact) detail["contact_detail"] = routing::to_json(*contact);
  }
  co_return detail;
}

asio::awaitable<Result<routing::Contact>> permitted_contact(routing::Reader& reader, Caller caller,
                                                            routing::ContactId id, Action action) {
  auto contact = co_await reader.contact(std::move(id));
  if (!contact) co_return std::unexpected(contact.error());
  if (caller.role != Role::agent) co_return contact;
  for (const auto& of_his : contact->conversations) {
    const auto conversation = co_await reader.conversation(of_his);
    if (conversation && permit(caller, action, &*conversation)) co_return contact;
  }
  co_return fail(ErrorCode::forbidden, "none of this contact's conversations is yours");
}

asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::ConversationId id) {
  auto conversation = co_await reader.conversation(std::move(id));
  if (!conversation) co_return std::unexpected(conversation.error());
  co_return co_await load_detail(reader, std::move(*conversation));
}

}  // namespace peyk::daemon
