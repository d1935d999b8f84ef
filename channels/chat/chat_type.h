// Chats: visitors on a website, over WebSocket.
#pragma once

#include <memory>

#include "channels/context.h"
#include "channels/registry.h"

namespace peyk::channels::chat {

/// Registers the routes below /chat/{channel}.
std::unique_ptr<ChannelType> create_chat_type(const ChannelContext& context);

}  // namespace peyk::channels::chat
