// Who is connected to a chat: one visitor, and the sockets (tabs) he has open.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/event.h"
#include "base/clock.h"
#include "base/net/websocket.h"
#include "channels/opening.h"
#include "config/config.h"
#include "routing/conversation.h"

namespace peyk::channels::chat {

/// A chat channel that is open, with its present settings.
struct OpenChat {
  config::ConfigPtr config;
  const config::Channel* channel = nullptr;  // in `config`
  OpeningHours hours;

  OpenChat(config::ConfigPtr kept, const config::Channel& which)
      : config(std::move(kept)), channel(&which), hours(config) {}
  const config::ChatChannel& settings() const { return *channel->chat(); }
};

inline bool is_over(routing::State state) {
  return state == routing::State::resolved || state == routing::State::closed;
}

/// One socket. Lives in its own coroutine; Visitor knows it while it is open.
struct Session {
  std::shared_ptr<net::WebSocket> socket;
  std::uint64_t last_seq = 0;               // the newest message of the conversation it was shown
  std::vector<routing::MessageId> written;  // acknowledged here and not yet met in the conversation
  bool storing = false;                     // a message of it is on its way: it is shown nothing before the ack
};

/// Thousands of these stand idle: small, and nothing in it that Redis could not give again.
struct Visitor {
  ChannelName channel;
  std::string identity;                  // the hash of his token
  routing::ConversationId conversation;  // empty: he has not written
  routing::ContactId contact;
  routing::State state = routing::State::closed;  // as his sockets were told
  AgentName agent;
  std::optional<int> position;
  std::vector<Session*> sessions;
  Time agent_typed_at;
  bool changed = false;  // something happened that his sockets do not know
  bool listed = false;   // waits for, or is in, a look at the store

  bool is_storing() const { return std::ranges::any_of(sessions, &Session::storing); }
  void tell(const std::string& frame) const {
    for (const auto* session : sessions) session->socket->send(frame);
  }
};

}  // namespace peyk::channels::chat
