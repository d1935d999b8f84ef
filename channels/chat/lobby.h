// Everybody who is connected, found by who he is and by his conversation.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "channels/chat/visitor.h"

namespace peyk::channels::chat {

/// One thread.
class Lobby {
 public:
  explicit Lobby(asio::any_io_executor executor) : left_(std::move(executor)) {}

  void open(std::shared_ptr<OpenChat> chat);
  /// Takes nobody more; closes the sockets with 1001 and waits for their end, at most `patience`.
  asio::awaitable<void> close(ChannelName channel, std::chrono::milliseconds patience);
  /// Null while it is not open.
  std::shared_ptr<OpenChat> chat(const ChannelName& channel) const;
  bool empty() const { return chats_.empty(); }

  std::shared_ptr<Visitor> join(const ChannelName& channel, const std::string& identity, Session& session);
  void leave(const std::shared_ptr<Visitor>& visitor, Session& session);

  /// Notes which conversation a visitor has; with another one his sockets begin anew.
  void attach(const std::shared_ptr<Visitor>& visitor, const routing::ConversationId& conversation);

  std::shared_ptr<Visitor> of_conversation(const routing::ConversationId& conversation) const;
  std::shared_ptr<Visitor> of_identity(const ChannelName& channel, const std::string& identity) const;
  std::vector<std::shared_ptr<Visitor>> all() const;
  std::size_t visitors() const { return by_identity_.size(); }

 private:
  std::size_t sockets_of(const ChannelName& channel) const;

  std::map<ChannelName, std::shared_ptr<OpenChat>> chats_;
  std::unordered_map<std::string, std::shared_ptr<Visitor>> by_identity_;  // "channel identity"
  std::unordered_map<routing::ConversationId, std::shared_ptr<Visitor>> by_conversation_;
  Event left_;
};

}  // namespace peyk::channels::chat
