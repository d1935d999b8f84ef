// Keeps visitors' sockets in step with their conversations, whoever changes them on whichever daemon.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/event.h"
#include "base/async/task_group.h"
#include "channels/chat/lobby.h"
#include "channels/context.h"

namespace peyk::channels::chat {

/// The messages of a conversation, newest `keep` of them, oldest first.
asio::awaitable<Result<std::vector<routing::Message>>> read_messages(routing::Reader& reader,
                                                                     routing::ConversationId conversation,
                                                                     std::uint64_t after, std::size_t keep);

/// An agent's name as customers see it; empty when the configuration does not know him.
std::string shown_name(const config::Config& config, const AgentName& agent);

/// An event says only that something changed: what is true is read from the store, for a few visitors at a time, and
/// what each socket has not seen is sent. One thread.
class Follower {
 public:
  Follower(const ChannelContext& context, Lobby& lobby);

  void start();
  asio::awaitable<void> stop();
  bool running() const { return tasks_ != nullptr; }

  /// Looks at this visitor's conversation again, soon.
  void look_at(const std::shared_ptr<Visitor>& visitor);

  /// His sockets are told of what they do not know: that an agent has the conversation, or that it is over.
  void tell_state(Visitor& visitor, const routing::Conversation& conversation);
  /// And of their place in the queue, when it is another one.
  static void tell_place(Visitor& visitor, std::optional<int> position,
                         const std::optional<routing::WaitEstimate>& wait);

 private:
  void on_event(const routing::Event& event);
  void on_signal(const routing::Signal& signal);
  void on_gap();
  void wake_workers();

  asio::awaitable<void> work();
  asio::awaitable<bool> look(std::shared_ptr<Visitor> visitor);
  asio::awaitable<bool> find_conversation(std::shared_ptr<Visitor> visitor);
  asio::awaitable<void> introduce(routing::ConversationId conversation);
  static void show(const Visitor& visitor, const std::vector<routing::Message>& messages);
  asio::awaitable<void> keep_positions();
  asio::awaitable<void> tell_position(std::shared_ptr<Visitor> visitor);

  ChannelContext context_;
  Lobby& lobby_;
  std::unique_ptr<TaskGroup> tasks_;
  std::unique_ptr<routing::EventFeed::Subscription> events_;
  std::unique_ptr<routing::EventFeed::Subscription> gaps_;
  std::unique_ptr<routing::EventFeed::Subscription> signals_;
  std::deque<std::shared_ptr<Visitor>> changed_;
  std::deque<routing::ConversationId> strangers_;  // new conversations that may belong to somebody here
  std::size_t workers_ = 0;
  Event queues_moved_;
  bool moved_ = false;
};

}  // namespace peyk::channels::chat
