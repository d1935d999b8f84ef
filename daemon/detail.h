// A conversation as the agent's desk shows it: the whole of it, with its messages and its contact.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "base/error.h"
#include "daemon/permissions.h"
#include "routing/conversation.h"
#include "routing/reader.h"

namespace peyk::daemon {

namespace asio = boost::asio;

inline constexpr std::size_t kMaxMessages = 1000;
inline constexpr std::size_t kWhole = std::size_t{16} << 20U;     // more than is read of one conversation
inline constexpr std::size_t kInFrame = std::size_t{256} << 10U;  // of a conversation that a socket is told of
inline constexpr std::size_t kInWelcome = std::size_t{4} << 20U;  // of all those that a welcome shows together
inline constexpr std::size_t kLeastInFrame = std::size_t{16} << 10U;

/// The conversation's fields, `messages` (oldest first; the latest of a long one, then with `"truncated": true`) and
/// `contact_detail` (null when it cannot be read). Of text and HTML about `bytes` are shown: a message whose HTML is
/// too much for it goes without, marked `"truncated": true` itself; the latest message's text is always whole.
asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::Conversation conversation,
                                                         std::size_t bytes = kWhole);

/// The same, reading the conversation first.
asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::ConversationId id,
                                                         std::size_t bytes = kWhole);

/// The contact, when the caller may do `action` to one of his last conversations; `forbidden` else.
asio::awaitable<Result<routing::Contact>> permitted_contact(routing::Reader& reader, Caller caller,
                                                            routing::ContactId id, Action action);

}  // namespace peyk::daemon
