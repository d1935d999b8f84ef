#include "daemon/detail.h"

#include <algorithm>
#include <vector>

#include "routing/json.h"
#include "routing/last_messages.h"

namespace peyk::daemon {

namespace {

constexpr std::size_t kOverhead = 500;  // of a message beside its text, about

/// The latest messages that `bytes` hold, oldest first.
boost::json::array latest(std::vector<routing::Message> messages, std::size_t bytes) {
  boost::json::array shown;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    const auto text = message->text.size() + kOverhead;
    if (!shown.empty() && text > bytes) break;
    const bool cut = !message->html.empty() && text + message->html.size() > bytes;
    if (cut) message->html.clear();
    bytes -= std::min(bytes, text + message->html.size());
    auto object = routing::to_json(*message);
    if (cut) object["truncated"] = true;
    shown.emplace_back(std::move(object));
  }
  std::ranges::reverse(shown);
  return shown;
}

}  // namespace

asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::Conversation conversation,
                                                         std::size_t bytes) {
  auto messages = co_await reader.messages(conversation.id, routing::kLastMessages, kMaxMessages);
  if (!messages) co_return std::unexpected(messages.error());
  auto detail = routing::to_json(conversation);
  const bool begun_later = !messages->empty() && messages->front().seq > 1;
  const auto count = messages->size();
  auto shown = latest(std::move(*messages), bytes);
  if (begun_later || shown.size() < count) detail["truncated"] = true;
  detail["messages"] = std::move(shown);
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

asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::ConversationId id,
                                                         std::size_t bytes) {
  auto conversation = co_await reader.conversation(std::move(id));
  if (!conversation) co_return std::unexpected(conversation.error());
  co_return co_await load_detail(reader, std::move(*conversation), bytes);
}

}  // namespace peyk::daemon
