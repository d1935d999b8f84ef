// One visitor's socket, from its first frame to its last.
#pragma once

#include <memory>
#include <string>

#include "channels/attachments/ticket.h"
#include "channels/chat/client_frame.h"
#include "channels/chat/follower.h"
#include "channels/chat/lobby.h"
#include "channels/chat/visitor_rates.h"
#include "channels/chat/visitor_token.h"
#include "channels/context.h"
#include "channels/web/byte_quota.h"
#include "channels/web/rate_limiter.h"

namespace peyk::channels::chat {

/// What all sessions share.
struct ChatHouse {
  ChannelContext context;
  Lobby lobby;
  Follower follower;
  VisitorTokens tokens;
  AttachmentTickets tickets;
  RateLimiter message_rates;
  RateLimiter new_visitor_rates;
  ByteQuota uploads{std::chrono::hours(24)};
  VisitorRates visitor_rates;

  explicit ChatHouse(const ChannelContext& from);
};

/// Where a socket comes from, as its handshake said.
struct Caller {
  ChannelName channel;
  std::string peer;
  std::string language;  // his browser's; empty: unknown
};

/// Speaks peyk.chat.v1 until the socket ends.
asio::awaitable<void> serve_visitor(ChatHouse& house, std::shared_ptr<net::WebSocket> socket, Caller caller);

}  // namespace peyk::channels::chat
