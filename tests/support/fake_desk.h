// A desk in memory behind routing's interfaces: enough of one for channels to be tested without a store.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "routing/blobs.h"
#include "routing/event_feed.h"
#include "routing/intake.h"
#include "routing/reader.h"

namespace peyk::test {

namespace asio = boost::asio;

/// Keeps listeners until their subscription ends; a listener may unsubscribe while it is called.
template <typename... Args>
class FakeListeners {
 public:
  using Listener = std::function<void(Args...)>;

  std::unique_ptr<routing::EventFeed::Subscription> listen(Listener listener) {
    listeners_->push_back(std::move(listener));
    return std::make_unique<Entry>(listeners_, std::prev(listeners_->end()));
  }
  void call(Args... args) const {
    for (const auto& listener : std::list<Listener>(*listeners_)) listener(args...);
  }
  std::size_t size() const { return listeners_->size(); }

 private:
  using List = std::list<Listener>;
  struct Entry : routing::EventFeed::Subscription {
    Entry(std::shared_ptr<List> list, typename List::iterator place) : list(std::move(list)), place(place) {}
    ~Entry() override { list->erase(place); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    std::shared_ptr<List> list;
    typename List::iterator place;
  };
  std::shared_ptr<List> listeners_ = std::make_shared<List>();
};

class FakeFeed : public routing::EventFeed {
 public:
  void start() override {}
  asio::awaitable<void> stop() override { co_return; }
  std::unique_ptr<Subscription> listen(Listener listener) override { return events.listen(std::move(listener)); }
  std::unique_ptr<Subscription> on_gap(std::function<void()> listener) override {
    return gaps.listen(std::move(listener));
  }

  FakeListeners<const routing::Event&> events;
  FakeListeners<> gaps;
};

class FakeSignals : public routing::Signals {
 public:
  void start() override {}
  asio::awaitable<void> stop() override { co_return; }
  void send(routing::Signal signal) override {
    sent.push_back(signal);
    signals.call(signal);
  }
  std::unique_ptr<routing::EventFeed::Subscription> listen(Listener listener) override {
    return signals.listen(std::move(listener));
  }

  std::vector<routing::Signal> sent;
  FakeListeners<const routing::Signal&> signals;
};

class FakeBlobs : public routing::Blobs {
 public:
  asio::awaitable<Result<routing::BlobId>> put(std::string content) override;
  asio::awaitable<Result<std::string>> get(routing::BlobId id) override;
  asio::awaitable<Result<>> keep(std::vector<routing::BlobId> ids) override;
  routing::Trouble trouble() const override { return {}; }

  std::map<routing::BlobId, std::string> contents;
  bool down = false;
};

/// Intake and Reader over conversations in memory. Takes messages as the real one does as far as channels can tell:
/// delivery keys, `conflict`, hints, reopening; announces what it does on `feed`.
class FakeDesk : public routing::Intake, public routing::Reader {
 public:
  FakeDesk(const Clock& clock, FakeFeed& feed) : clock_(clock), feed_(feed) {}

  // Intake
  asio::awaitable<Result<routing::Accepted>> receive(routing::Inbound message) override;
  asio::awaitable<Result<>> end(routing::ConversationId conversation, routing::Identity sender) override;
  asio::awaitable<Result<>> rate(routing::ConversationId conversation, routing::Identity sender, int score,
                                 std::string comment) override;

  // Reader
  asio::awaitable<Result<routing::Conversation>> conversation(routing::ConversationId id) override;
  asio::awaitable<Result<routing::MessagePage>> page(routing::ConversationId id, std::uint64_t after,
                                                     std::size_t limit) override;
  asio::awaitable<Result<routing::Message>> message(routing::ConversationId id, routing::MessageId message) override;
  asio::awaitable<Result<routing::Contact>> contact(routing::ContactId id) override;
  asio::awaitable<Result<routing::ConversationPage>> conversations(routing::ConversationFilter filter) override;
  asio::awaitable<Result<std::vector<routing::QueueView>>> queues() override;
  asio::awaitable<Result<std::vector<routing::AgentView>>> agents() override;
  asio::awaitable<Result<std::map<routing::PresenceState, std::size_t>>> agent_states() override;
  asio::awaitable<Result<std::optional<routing::Conversation>>> conversation_of(routing::Identity identity,
                                                                                ChannelName channel) override;
  asio::awaitable<Result<routing::StatusView>> status(std::string token) override;
  asio::awaitable<Result<std::pair<std::optional<int>, std::optional<routing::WaitEstimate>>>> position(
      routing::ConversationId id) override;
  asio::awaitable<Result<std::vector<routing::ConversationId>>> conversations_of_blob(routing::BlobId blob) override;
  asio::awaitable<Result<boost::json::object>> explain(routing::ConversationId id) override;
  asio::awaitable<Result<boost::json::object>> audit(bool repair) override;

  // What a test does from the other side.
  struct Held {
    routing::Conversation conversation;
    std::vector<routing::Message> messages;
    std::string status_token;
    bool ended = false;  // the link's lifetime is over
    std::optional<int> position;
    std::optional<routing::WaitEstimate> wait;
  };
  Held& only();  // the one conversation there is; throws otherwise
  void assign(Held& held, const std::string& agent);
  void answer(Held& held, const std::string& text, routing::Direction direction = routing::Direction::out);
  void change(Held& held, routing::State state, const std::string& event);
  void announce(const std::string& type, const Held& held, std::map<std::string, std::string, std::less<>> ids = {});

  std::vector<routing::Inbound> received;  // stored ones
  std::vector<std::pair<int, std::string>> ratings;
  std::map<routing::ConversationId, Held> held;
  std::optional<routing::WaitEstimate> wait;  // of conversations to come
  bool down = false;                          // every call is `unavailable`
  bool resolves = false;                      // an agent has what comes at once, and resolves it

 private:
  Held& find_or_create(const routing::Inbound& message, bool& created);
  bool takes_part(const routing::ConversationId& id, const routing::Identity& sender) const;

  const Clock& clock_;
  FakeFeed& feed_;
  std::map<std::string, std::pair<std::string, routing::Accepted>> by_key_;  // digest and first answer
  int next_ = 0;
};

}  // namespace peyk::test
