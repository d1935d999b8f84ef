// The HTTP side of all chats: the socket's handshake, and files up and down.
#pragma once

#include <memory>

#include "channels/chat/chat_session.h"

namespace peyk::channels::chat {

/// Registers GET /chat/{channel} (WebSocket), POST /chat/{channel}/attachments and GET …/{id}, for as long as `house`
/// lives.
void register_chat_routes(ChatHouse& house);

}  // namespace peyk::channels::chat
