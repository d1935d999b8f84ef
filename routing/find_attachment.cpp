#include "routing/find_attachment.h"

#include <algorithm>

namespace peyk::routing {
namespace {

constexpr std::size_t kPage = 200;

bool is_shown(const Message& message, Audience audience) {
  if (audience == Audience::agents) return true;
  return message.direction != Direction::note && message.state != MessageState::held;
}

}  // namespace

asio::awaitable<Result<Attachment>> find_attachment(Reader& reader, ConversationId conversation, BlobId blob,
                                                    Audience audience) {
  const auto named_in = co_await reader.conversations_of_blob(blob);
  if (!named_in) co_return std::unexpected(named_in.error());
  bool more = std::ranges::find(*named_in, conversation) != named_in->end();
  for (std::uint64_t after = 0; more;) {
    const auto page = co_await reader.page(conversation, after, kPage);
    if (!page) co_return std::unexpected(page.error());
    more = page->more && !page->messages.empty();
    for (const auto& message : page->messages) {
      after = message.seq;
      if (!is_shown(message, audience)) continue;
      const auto found = std::ranges::find(message.attachments, blob, &Attachment::id);
      if (found != message.attachments.end()) co_return *found;
    }
  }
  co_return fail(ErrorCode::not_found, "there is no such attachment");
}

}  // namespace peyk::routing
