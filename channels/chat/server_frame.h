// What a visitor's client is told, as text frames.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "channels/opening.h"
#include "routing/channel_messages.h"
#include "routing/reader.h"

namespace peyk::channels::chat {

struct Welcome {
  std::string token;
  const routing::Conversation* conversation = nullptr;  // null: none yet
  const routing::MessagePage* history = nullptr;
  Opening opening;
};
std::string welcome_frame(const Welcome& welcome);

/// Earlier messages, without what customers do not see; none may be left.
std::string history_frame(const routing::ConversationId& conversation, const routing::MessagePage& page);

std::string ack_frame(const std::string& key, const routing::Accepted& accepted);
std::string queued_frame(std::optional<int> position, const std::optional<routing::WaitEstimate>& wait);
std::string assigned_frame(const std::string& agent_name);
/// Nothing for what customers do not see.
std::optional<std::string> message_frame(const routing::Message& message);
std::string typing_frame();
std::string resolved_frame(const routing::ConversationId& conversation);
std::string rated_frame();
std::string error_frame(ErrorCode code, std::string_view message, const std::string& key = {});

}  // namespace peyk::channels::chat
