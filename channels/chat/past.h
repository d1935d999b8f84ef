// What a visitor who comes back has said and heard.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "channels/chat/visitor_token.h"
#include "routing/reader.h"

namespace peyk::channels::chat {

namespace asio = boost::asio;

constexpr std::size_t kHistory = 200;  // messages of a welcome, or of a page of earlier ones

/// His conversation, unless it is closed, and the last of what was said in it.
struct Past {
  std::optional<routing::Conversation> conversation;
  routing::MessagePage page;
};

/// What this token's owner has said. A token that nobody was given is emptied.
asio::awaitable<Result<Past>> read_past(routing::Reader& reader, const VisitorTokens& tokens, ChannelName channel,
                                        std::string& token);

/// Whether its last message is older than visitors are remembered; `lifetime` 0: never.
bool is_forgotten(const Past& past, config::Duration lifetime, Time now);

}  // namespace peyk::channels::chat
