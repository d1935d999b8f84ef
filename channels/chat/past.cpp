#include "channels/chat/past.h"

#include <utility>

#include "routing/last_messages.h"

namespace peyk::channels::chat {

asio::awaitable<Result<Past>> read_past(routing::Reader& reader, const VisitorTokens& tokens, ChannelName channel,
                                        std::string& token) {
  Past past;
  if (token.empty()) co_return past;
  auto found = co_await reader.conversation_of(VisitorTokens::identity_of(token), std::move(channel));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found || (*found)->state == routing::State::closed) {
    // He may have another tab open in which he has not written either: one visitor, one token.
    if (!*found && !tokens.is_ours(token)) token.clear();
    co_return past;
  }
  past.conversation = std::move(**found);
  auto page = co_await reader.page(past.conversation->id, routing::kFewLastMessages, kHistory);
  if (!page) co_return std::unexpected(std::move(page.error()));
  past.page = std::move(*page);
  co_return past;
}

bool is_forgotten(const Past& past, config::Duration lifetime, Time now) {
  if (past.page.messages.empty() || lifetime == config::Duration::zero()) return false;
  return past.page.messages.back().at + lifetime < now;
}

}  // namespace peyk::channels::chat
