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

/// The conversation's fields, `messages` (oldest first; the latest kMaxMessages of a very long one, then with
/// `"truncated": true`) and `contact_detail` (null when it cannot be read).
asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::Conversation conversation);

/// The same, reading the conversation first.
asio::awaitable<Result<boost::json::object>> load_detail(routing::Reader& reader, routing::ConversationId id);

inline constexpr std::size_t kMaxMessages = 1000;

/// The contact, when the caller may do `action` to one of his last conversations; `forbidden` else.
asio::awaitable<Result<routing::Contact>> permitted_contact(routing::Reader& reader, Caller caller,
                                                            routing::ContactId id, Action action);

}  // namespace peyk::daemon
