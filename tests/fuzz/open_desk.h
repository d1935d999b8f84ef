// A desk without a store where everything an agent asks for succeeds, so that his fields alone decide. It looks at
// what reaches it: nothing unclean may.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "routing/desk.h"

namespace peyk::fuzz {

using routing::Actor;
using routing::ConversationId;

inline void require(bool holds) {
  if (!holds) std::abort();
}

inline void require_text(std::string_view text, std::size_t characters) {
  require(is_valid_utf8(text) && text.size() <= 4 * characters && text.find('\0') == std::string_view::npos);
}

/// Every conversation is ani's and open.
class OpenReader : public routing::Reader {
 public:
  asio::awaitable<Result<routing::Conversation>> conversation(ConversationId id) override {
    require_text(id.str(), 200);
    routing::Conversation conversation;
    conversation.id = std::move(id);
    conversation.agent = AgentName("ani");
    conversation.state = routing::State::active;
    co_return conversation;
  }
  asio::awaitable<Result<routing::MessagePage>> page(ConversationId, std::uint64_t, std::size_t) override {
    co_return routing::MessagePage();
  }
  asio::awaitable<Result<routing::Message>> message(ConversationId, routing::MessageId) override { co_return none(); }
  asio::awaitable<Result<routing::Contact>> contact(routing::ContactId) override { co_return none(); }
  asio::awaitable<Result<routing::ConversationPage>> conversations(routing::ConversationFilter) override {
    co_return routing::ConversationPage();
  }
  asio::awaitable<Result<std::vector<routing::QueueView>>> queues() override { co_return none(); }
  asio::awaitable<Result<std::vector<routing::AgentView>>> agents() override { co_return none(); }
  asio::awaitable<Result<std::map<routing::PresenceState, std::size_t>>> agent_states() override { co_return none(); }
  asio::awaitable<Result<std::optional<routing::Conversation>>> conversation_of(routing::Identity,
                                                                                ChannelName) override {
    co_return none();
  }
  asio::awaitable<Result<routing::StatusView>> status(std::string) override { co_return none(); }
  asio::awaitable<Result<std::pair<std::optional<int>, std::optional<routing::WaitEstimate>>>> position(
      ConversationId) override {
    co_return none();
  }
  asio::awaitable<Result<std::vector<ConversationId>>> conversations_of_blob(routing::BlobId) override {
    co_return none();
  }
  asio::awaitable<Result<boost::json::object>> explain(ConversationId) override { co_return none(); }
  asio::awaitable<Result<boost::json::object>> audit(bool) override { co_return none(); }

 private:
  static std::unexpected<Error> none() { return fail(ErrorCode::not_found, "there is none"); }
};

class OpenWork : public routing::AgentWork {
 public:
  asio::awaitable<Result<ConversationId>> accept(Actor, routing::OfferId offer) override {
    require(!offer.empty());
    co_return ConversationId("c_1");
  }
  asio::awaitable<Result<>> decline(Actor, routing::OfferId offer, std::string reason) override {
    require(!offer.empty());
    require_text(reason, 200);
    co_return Result<>();
  }
  asio::awaitable<Result<routing::Message>> reply(Actor actor, ConversationId, routing::Reply reply) override {
    require(actor.name == AgentName("ani") && !reply.key.empty() && !reply.text.empty());
    require_text(reply.text, 100'000);
    co_return routing::Message();
  }
  asio::awaitable<Result<routing::Message>> note(Actor, ConversationId, std::string text) override {
    require_text(text, 20'000);
    co_return routing::Message();
  }
  asio::awaitable<Result<>> transfer(Actor, ConversationId, routing::Transfer transfer) override {
    require(transfer.queue.empty() != transfer.agent.empty());
    for (const auto& [skill, level] : transfer.require) require(!skill.empty() && level >= 1 && level <= 10);
    co_return Result<>();
  }
  asio::awaitable<Result<>> resolve(Actor, ConversationId, routing::Resolution resolution) override {
    require_text(resolution.note, 20'000);
    co_return Result<>();
  }
  asio::awaitable<Result<>> snooze(Actor, ConversationId, Time until, routing::MessageId) override {
    require(until > Time());
    co_return Result<>();
  }
  asio::awaitable<Result<>> pending(Actor, ConversationId, std::optional<Time>, routing::MessageId) override {
    co_return Result<>();
  }
  asio::awaitable<Result<ConversationId>> start(Actor, routing::Start start) override {
    require(!start.channel.empty() && !start.to.empty() && !start.text.empty());
    require_text(start.subject, 500);
    co_return ConversationId("c_1");
  }
  asio::awaitable<Result<std::vector<std::string>>> tag(Actor, ConversationId, routing::TagChange change) override {
    for (const auto& tag : change.add) require(!tag.empty() && tag.find(',') == std::string::npos);
    co_return change.add;
  }
  asio::awaitable<Result<std::vector<std::string>>> tag(Actor, routing::ContactId, routing::TagChange change) override {
    co_return change.add;
  }
};

class OpenPresence : public routing::Presence {
 public:
  asio::awaitable<Result<routing::AgentView>> set(Actor, routing::PresenceState, std::string reason) override {
    require_text(reason, 200);
    co_return routing::AgentView();
  }
  asio::awaitable<Result<>> renew(AgentName, std::string) override { co_return Result<>(); }
  asio::awaitable<Result<>> socket_gone(AgentName, std::string) override { co_return Result<>(); }
  asio::awaitable<Result<routing::AgentView>> view(AgentName) override { co_return routing::AgentView(); }
  asio::awaitable<Result<routing::OfferView>> offer(routing::OfferId) override { co_return routing::OfferView(); }
  asio::awaitable<Result<routing::OfferView>> made(routing::OfferId, std::string) override {
    co_return routing::OfferView();
  }
};

class OpenSignals : public routing::Signals {
 public:
  void start() override {}
  asio::awaitable<void> stop() override { co_return; }
  void send(routing::Signal signal) override { require_text(signal.message, 200); }
  std::unique_ptr<routing::EventFeed::Subscription> listen(Listener) override { return nullptr; }
};

/// What commands have no use for is not there.
class OpenDesk : public routing::Desk {
 public:
  explicit OpenDesk(config::ConfigPtr config) : config_(std::move(config)) {}
  asio::awaitable<Result<>> start() override { co_return Result<>(); }
  asio::awaitable<void> stop() override { co_return; }
  asio::awaitable<Result<>> reconfigure(std::shared_ptr<const config::Config>) override { co_return Result<>(); }
  std::shared_ptr<const config::Config> config() const override { return config_; }
  Result<boost::json::object> preview(const routing::RouteQuestion&) override { std::abort(); }
  routing::Intake& intake() override { std::abort(); }
  routing::AgentWork& work() override { return work_; }
  routing::Presence& presence() override { return presence_; }
  routing::Reader& reader() override { return reader_; }
  routing::Blobs& blobs() override { std::abort(); }
  routing::EventFeed& events() override { std::abort(); }
  routing::Signals& signals() override { return signals_; }
  routing::Outbox& outbox() override { std::abort(); }
  routing::DeskIssues issues() const override { return {}; }

 private:
  config::ConfigPtr config_;
  OpenWork work_;
  OpenPresence presence_;
  OpenReader reader_;
  OpenSignals signals_;
};

}  // namespace peyk::fuzz
