#include "daemon/detail.h"

#include <deque>

#include "routing/json.h"

namespace peyk::daemon {
namespace {

constexpr std::size_t kPage = 200;

}  // namespace

asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::Conversation conversation) {
  std::deque<routing::Message> messages;
  std::uint64_t after = 0;
  bool truncated = false;
  for (bool more = true; more;) {
    auto page = co_await reader.messages(conversation.id, after, kPage);
    if (!page) co_return std::unexpected(page.error());
    more = page->size() == kPage;
    for (auto& message : *page) {
      after = message.seq;
      messages.push_back(std::move(message));
    }
    while (messages.size() > kMaxMessages) {
      messages.pop_front();
      truncated = true;
    }
  }
  auto detail = routing::to_json(conversation);
  boost::json::array array;
  array.reserve(messages.size());
  for (const auto& message : messages) array.emplace_back(routing::to_json(message));
  detail["messages"] = std::move(array);
  if (truncated) detail["truncated"] = true;
  detail["contact_detail"] = nullptr;
  if (!conversation.contact.empty()) {
    const auto contact = co_await reader.contact(conversation.contact);
    if (contact) detail["contact_detail"] = routing::to_json(*contact);
  }
  co_return detail;
}

asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::ConversationId id) {
  auto conversation = co_await reader.conversation(std::move(id));
  if (!conversation) co_return std::unexpected(conversation.error());
  co_return co_await load_detail(reader, std::move(*conversation));
}

}  // namespace peyk::daemon
