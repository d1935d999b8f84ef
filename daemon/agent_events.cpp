#include "daemon/agent_events.h"

#include <array>

#include "base/text.h"

namespace peyk::daemon {
namespace {

constexpr std::size_t kMaxOwners = 200'000;

Notice notice_of(Notice::Kind kind, const routing::Event& event, std::string_view id = {}) {
  Notice notice;
  notice.kind = kind;
  notice.conversation = event.conversation.str();
  notice.id = event.get(id);
  return notice;
}

/// Why an offer is no longer there, in the words of the agent's socket.
std::string_view revoke_reason(const routing::Event& event) {
  if (event.type == "offer.expired") return "expired";
  if (event.type == "offer.declined") return "declined";
  for (const std::string_view known : {"presence", "taken"}) {
    if (event.get("offer_state") == known) return known;
  }
  return "withdrawn";
}

}  // namespace

void AgentEvents::start() {
  subscriptions_.push_back(desk_.events().listen([this](const routing::Event& event) { on_event(event); }));
  subscriptions_.push_back(desk_.events().on_gap([this] {
    owners_.clear();
    peers_.each([](AgentPeer& peer) { peer.resync(); });
  }));
  subscriptions_.push_back(desk_.signals().listen([this](const routing::Signal& signal) { on_signal(signal); }));
}

void AgentEvents::stop() {
  subscriptions_.clear();
}

void AgentEvents::on_event(const routing::Event& event) {
  const std::string_view type = event.type;
  if (type.starts_with("offer.")) {
    on_offer(event);
  } else if (type.starts_with("message.")) {
    on_message(event);
  } else if (type.starts_with("conversation.")) {
    on_conversation(event);
  } else if (type.starts_with("agent.")) {
    on_agent(event);
  }
}

void AgentEvents::on_offer(const routing::Event& event) {
  auto* peer = peers_.find(AgentName(std::string(event.get("to"))));
  if (peer == nullptr || event.type == "offer.accepted") return;
  if (event.type == "offer.made") {
    auto notice = notice_of(Notice::Kind::offer, event, "offer");
    notice.via = event.get("via");
    peer->tell(std::move(notice));
    return;
  }
  const std::string offer(event.get("offer"));
  Notice notice;
  notice.but_not = peer->take_decline(offer);
  notice.frame = {{"type", "revoked"},
                  {"offer", offer},
                  {"conversation", event.conversation.str()},
                  {"reason", revoke_reason(event)}};
  peer->tell(std::move(notice));
}

void AgentEvents::on_message(const routing::Event& event) {
  // What became of an answer concerns its agent, whoever has the conversation by then.
  auto to = event.get("agent");
  if (to.empty()) to = event.get("to");
  auto* peer = peers_.find(AgentName(std::string(to)));
  if (peer == nullptr) return;
  if (event.type != "message.delivery") {
    peer->tell(notice_of(Notice::Kind::message, event, "message"));
    return;
  }
  if (event.get("message_state") == "failed") {
    peer->tell(notice_of(Notice::Kind::delivery, event, "message"));  // why it failed has to be read
    return;
  }
  Notice notice;
  notice.frame = {{"type", "delivery"},
                  {"conversation", event.conversation.str()},
                  {"message", event.get("message")},
                  {"state", event.get("message_state")}};
  peer->tell(std::move(notice));
}

void AgentEvents::on_conversation(const routing::Event& event) {
  const AgentName owner{std::string(event.get("agent"))};
  const auto& id = event.conversation.str();
  const auto known = owners_.find(id);
  const AgentName before = known == owners_.end() ? AgentName() : known->second;
  auto* peer = peers_.find(owner);
  if (event.type == "conversation.assigned" && peer != nullptr) {
    peer->tell(notice_of(Notice::Kind::assigned, event));
  } else {
    update(owner, event);
  }
  if (before != owner) update(before, event);
  const AgentName from{std::string(event.get("from"))};
  if (from != owner && from != before) update(from, event);
  // Who passed it on follows it to its end.
  for (const auto follower : split(event.get("followers"), ' ')) {
    const AgentName name{std::string(follower)};
    if (name != owner && name != before && name != from) update(name, event);
  }
  if (peer != nullptr && owners_.size() < kMaxOwners) {
    owners_[id] = owner;
  } else if (peer == nullptr && known != owners_.end()) {
    owners_.erase(id);
  }
}

void AgentEvents::owned(const std::string& conversation, const AgentName& agent) {
  // What an event said is newer than what was read.
  if (owners_.size() < kMaxOwners) owners_.emplace(conversation, agent);
}

void AgentEvents::update(const AgentName& agent, const routing::Event& event) {
  auto* peer = agent.empty() ? nullptr : peers_.find(agent);
  if (peer == nullptr) return;
  static constexpr std::array kShown{"state",      "agent",   "queue",    "priority",
                                     "next_actor", "outcome", "to_queue", "to_agent"};
  Notice notice;
  notice.frame = {{"type", "updated"},
                  {"conversation", event.conversation.str()},
                  {"event", event.type},
                  {"cause", event.cause},
                  {"at", to_rfc3339(event.at)}};
  for (const std::string_view name : kShown) {
    const auto found = event.ids.find(name);
    if (found == event.ids.end()) continue;
    notice.frame[name] = found->second.empty() ? boost::json::value(nullptr) : boost::json::value(found->second);
  }
  peer->tell(std::move(notice));
}

void AgentEvents::on_agent(const routing::Event& event) {
  auto* peer = peers_.find(AgentName(std::string(event.get("agent"))));
  if (peer != nullptr && event.type == "agent.presence") peer->tell(notice_of(Notice::Kind::presence, event));
}

void AgentEvents::on_signal(const routing::Signal& signal) {
  if (!signal.from_customer) return;
  const auto owner = owners_.find(signal.conversation.str());
  auto* peer = owner == owners_.end() ? nullptr : peers_.find(owner->second);
  if (peer == nullptr) return;
  Notice notice;
  notice.frame = {{"type", signal.type}, {"conversation", signal.conversation.str()}};
  if (!signal.message.empty()) notice.frame["message"] = signal.message;
  peer->tell(std::move(notice));
}

}  // namespace peyk::daemon
