#include "channels/chat/lobby.h"

#include <algorithm>

namespace peyk::channels::chat {
namespace {

std::string key_of(const ChannelName& channel, const std::string& identity) {
  return channel.str() + " " + identity;
}

}  // namespace

void Lobby::open(std::shared_ptr<OpenChat> chat) {
  chats_[chat->channel->name] = std::move(chat);
}

std::shared_ptr<OpenChat> Lobby::chat(const ChannelName& channel) const {
  const auto found = chats_.find(channel);
  return found == chats_.end() ? nullptr : found->second;
}

asio::awaitable<void> Lobby::close(ChannelName channel, std::chrono::milliseconds patience) {
  chats_.erase(channel);
  for (const auto& visitor : all()) {
    if (visitor->channel != channel) continue;
    for (const auto* session : visitor->sessions) session->socket->close(1001, "the chat closes");
  }
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (sockets_of(channel) > 0) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) break;
    co_await left_.wait(left);
  }
}

std::shared_ptr<Visitor> Lobby::join(const ChannelName& channel, const std::string& identity, Session& session) {
  auto& visitor = by_identity_[key_of(channel, identity)];
  if (!visitor) {
    visitor = std::make_shared<Visitor>();
    visitor->channel = channel;
    visitor->identity = identity;
  }
  visitor->sessions.push_back(&session);
  return visitor;
}

void Lobby::leave(const std::shared_ptr<Visitor>& visitor, Session& session) {
  std::erase(visitor->sessions, &session);
  if (visitor->sessions.empty()) {
    by_identity_.erase(key_of(visitor->channel, visitor->identity));
    if (of_conversation(visitor->conversation) == visitor) by_conversation_.erase(visitor->conversation);
  }
  left_.notify();
}

void Lobby::attach(const std::shared_ptr<Visitor>& visitor, const routing::ConversationId& conversation) {
  if (visitor->conversation != conversation) {
    if (of_conversation(visitor->conversation) == visitor) by_conversation_.erase(visitor->conversation);
    if (!visitor->conversation.empty()) {
      for (auto* session : visitor->sessions) session->last_seq = 0;
    }
    visitor->conversation = conversation;
    visitor->state = routing::State::closed;
    visitor->agent = {};
    visitor->position.reset();
  }
  if (!conversation.empty() && !visitor->sessions.empty()) by_conversation_[conversation] = visitor;
}

std::shared_ptr<Visitor> Lobby::of_conversation(const routing::ConversationId& conversation) const {
  const auto found = by_conversation_.find(conversation);
  return found == by_conversation_.end() ? nullptr : found->second;
}

std::shared_ptr<Visitor> Lobby::of_identity(const ChannelName& channel, const std::string& identity) const {
  const auto found = by_identity_.find(key_of(channel, identity));
  return found == by_identity_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Visitor>> Lobby::all() const {
  std::vector<std::shared_ptr<Visitor>> list;
  list.reserve(by_identity_.size());
  for (const auto& [key, visitor] : by_identity_) list.push_back(visitor);
  return list;
}

std::size_t Lobby::sockets_of(const ChannelName& channel) const {
  std::size_t count = 0;
  for (const auto& [key, visitor] : by_identity_) {
    if (visitor->channel == channel) count += visitor->sessions.size();
  }
  return count;
}

}  // namespace peyk::channels::chat
