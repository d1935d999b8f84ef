// A file of a conversation, as one of its messages describes it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/error.h"
#include "routing/reader.h"

namespace peyk::routing {

enum class Audience : std::uint8_t { agents, customers };  // customers see no notes, and nothing that is held

/// Reads page by page until a message names it. `not_found` when none does that `audience` may see, at once when the
/// conversation never named it.
asio::awaitable<Result<Attachment>> find_attachment(Reader& reader, ConversationId conversation, BlobId blob,
                                                    Audience audience);

}  // namespace peyk::routing
