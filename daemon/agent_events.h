// From the desk's events to what each connected agent is told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/agent_peer.h"
#include "routing/desk.h"

namespace peyk::daemon {

/// The agents who are connected to this daemon.
class PeerDirectory {
 public:
  virtual ~PeerDirectory() = default;
  /// Null when he is not connected here.
  virtual AgentPeer* find(const AgentName& agent) = 0;
  virtual void each(const std::function<void(AgentPeer&)>& visit) = 0;
};

/// Listens to events and signals from `start()` to `stop()`. Nothing here waits or reads. One thread.
class AgentEvents {
 public:
  AgentEvents(PeerDirectory& peers, routing::Desk& desk) : peers_(peers), desk_(desk) {}

  void start();
  void stop();

  void on_event(const routing::Event& event);
  void on_signal(const routing::Signal& signal);

  /// What the store says of a conversation that no event has told of yet.
  void owned(const std::string& conversation, const AgentName& agent);

 private:
  void on_offer(const routing::Event& event);
  void on_message(const routing::Event& event);
  void on_conversation(const routing::Event& event);
  void on_agent(const routing::Event& event);
  void update(const AgentName& agent, const routing::Event& event);

  PeerDirectory& peers_;
  routing::Desk& desk_;
  /// Owner of each conversation whose owner is, or was last, connected here: tells who lost it, and whom a customer's
  /// typing concerns.
  std::unordered_map<std::string, AgentName> owners_;
  std::vector<std::unique_ptr<routing::EventFeed::Subscription>> subscriptions_;
};

}  // namespace peyk::daemon
