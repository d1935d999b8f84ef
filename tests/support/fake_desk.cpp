#include "tests/support/fake_desk.h"

#include <algorithm>
#include <stdexcept>

#include "base/text.h"
#include "routing/last_messages.h"

namespace peyk::test {

using routing::State;

namespace {

std::unexpected<Error> unavailable() {
  return fail(ErrorCode::unavailable, "the store does not answer");
}

/// The last of those before a seq.
routing::MessagePage end_of(const std::vector<routing::Message>& messages, std::uint64_t before, std::size_t limit) {
  routing::MessagePage page;
  for (const auto& one : messages) {
    if (one.seq < before) page.messages.push_back(one);
  }
  page.more = page.messages.size() > limit;
  if (page.more) page.messages.erase(page.messages.begin(), page.messages.end() - static_cast<std::ptrdiff_t>(limit));
  return page;
}

}  // namespace

asio::awaitable<Result<routing::BlobId>> FakeBlobs::put(std::string content) {
  if (down) co_return fail(ErrorCode::unavailable, "the disk is full");
  routing::BlobId id("b_" + sha256_hex(content));
  contents[id] = std::move(content);
  co_return id;
}

asio::awaitable<Result<std::string>> FakeBlobs::get(routing::BlobId id) {
  const auto found = contents.find(id);
  if (found == contents.end()) co_return fail(ErrorCode::not_found, "no blob " + id.str());
  co_return found->second;
}

asio::awaitable<Result<>> FakeBlobs::keep(std::vector<routing::BlobId> ids) {
  for (const auto& id : ids) {
    if (!contents.contains(id)) co_return fail(ErrorCode::unprocessable, "an attachment is here no longer");
  }
  co_return Result<>();
}

FakeDesk::Held& FakeDesk::find_or_create(const routing::Inbound& message, bool& created) {
  for (auto& [id, entry] : held) {
    const bool hinted = message.thread.conversation == id;
    const bool open = entry.conversation.state != State::closed;
    const bool same_visitor = message.kind == routing::ChannelKind::chat && takes_part(id, message.sender);
    if (open && (hinted || same_visitor)) return entry;
  }
  created = true;
  const routing::ConversationId id("c_" + std::to_string(++next_));
  auto& entry = held[id];
  auto& conversation = entry.conversation;
  conversation.id = id;
  conversation.reference = "PK-" + std::to_string(next_);
  conversation.kind = message.kind;
  conversation.channel = message.channel;
  conversation.queue = QueueName("service");
  conversation.contact = routing::ContactId("p_" + std::to_string(next_));
  conversation.subject = message.subject;
  conversation.fields = message.fields;
  conversation.participants = {message.sender};
  conversation.created_at = clock_.now();
  entry.status_token = "status-" + std::to_string(next_);
  entry.position = static_cast<int>(held.size());
  entry.wait = wait;
  return entry;
}

bool FakeDesk::takes_part(const routing::ConversationId& id, const routing::Identity& sender) const {
  const auto found = held.find(id);
  if (found == held.end()) return false;
  return std::ranges::any_of(found->second.conversation.participants, [&sender](const routing::Identity& one) {
    return one.kind == sender.kind && one.value == sender.value;
  });
}

asio::awaitable<Result<routing::Accepted>> FakeDesk::receive(routing::Inbound message) {
  if (down) co_return unavailable();
  if (const auto known = by_key_.find(message.delivery_key); known != by_key_.end()) {
    if (known->second.first != message.body_digest) co_return fail(ErrorCode::conflict, "another body");
    auto again = known->second.second;
    again.duplicate = true;
    co_return again;
  }
  routing::Accepted accepted;
  auto& entry = find_or_create(message, accepted.created);
  if (entry.conversation.state == State::resolved) entry.conversation.state = State::waiting;
  routing::Message stored;
  stored.id = routing::MessageId("m_" + std::to_string(++next_));
  stored.seq = entry.messages.size() + 1;
  stored.at = clock_.now();
  stored.author.name = message.sender_name;
  stored.text = message.text;
  stored.attachments = message.attachments;
  stored.channel = message.channel;
  entry.messages.push_back(stored);
  accepted.conversation = entry.conversation.id;
  accepted.message = stored.id;
  accepted.reference = entry.conversation.reference;
  accepted.status_token = entry.status_token;
  accepted.state = entry.conversation.state;
  accepted.at = stored.at;
  if (accepted.state == State::waiting) accepted.position = entry.position;
  accepted.wait = entry.wait;
  by_key_[message.delivery_key] = {message.body_digest, accepted};
  received.push_back(std::move(message));
  if (accepted.created) announce("conversation.created", entry);
  announce("message.in", entry, {{"message", stored.id.str()}});
  if (resolves) {
    accepted.state = State::offered;
    change(entry, State::resolved, "conversation.resolved");
  }
  co_return accepted;
}

asio::awaitable<Result<>> FakeDesk::end(routing::ConversationId conversation, routing::Identity sender) {
  if (down) co_return unavailable();
  if (!takes_part(conversation, sender)) co_return fail(ErrorCode::not_found, "no such conversation");
  change(held.at(conversation), State::resolved, "conversation.resolved");
  co_return Result<>();
}

asio::awaitable<Result<>> FakeDesk::rate(routing::ConversationId conversation, routing::Identity sender, int score,
                                         std::string comment) {
  if (down) co_return unavailable();
  if (!takes_part(conversation, sender)) co_return fail(ErrorCode::not_found, "no such conversation");
  ratings.emplace_back(score, std::move(comment));
  co_return Result<>();
}

asio::awaitable<Result<routing::Conversation>> FakeDesk::conversation(routing::ConversationId id) {
  if (down) co_return unavailable();
  const auto found = held.find(id);
  if (found == held.end()) co_return fail(ErrorCode::not_found, "no conversation " + id.str());
  co_return found->second.conversation;
}

asio::awaitable<Result<routing::MessagePage>> FakeDesk::page(routing::ConversationId id, std::uint64_t after,
                                                             std::size_t limit) {
  if (down) co_return unavailable();
  const auto found = held.find(id);
  if (found == held.end()) co_return fail(ErrorCode::not_found, "no conversation " + id.str());
  if (after >= routing::kFew) co_return end_of(found->second.messages, after - routing::kFew, limit);
  routing::MessagePage page;
  page.more = found->second.messages.size() > after + limit;
  for (const auto& one : found->second.messages) {
    if (one.seq > after && page.messages.size() < limit) page.messages.push_back(one);
  }
  co_return page;
}

asio::awaitable<Result<routing::Message>> FakeDesk::message(routing::ConversationId id, routing::MessageId message) {
  const auto found = held.find(id);
  if (found != held.end()) {
    for (const auto& one : found->second.messages) {
      if (one.id == message) co_return one;
    }
  }
  co_return fail(ErrorCode::not_found, "no message " + message.str());
}

asio::awaitable<Result<routing::Contact>> FakeDesk::contact(routing::ContactId id) {
  co_return fail(ErrorCode::not_found, "no contact " + id.str());
}

asio::awaitable<Result<routing::ConversationPage>> FakeDesk::conversations(routing::ConversationFilter) {
  routing::ConversationPage page;
  for (const auto& [id, entry] : held) page.conversations.push_back(entry.conversation);
  co_return page;
}

asio::awaitable<Result<std::vector<routing::QueueView>>> FakeDesk::queues() {
  co_return std::vector<routing::QueueView>();
}

asio::awaitable<Result<std::map<routing::PresenceState, std::size_t>>> FakeDesk::agent_states() {
  co_return std::map<routing::PresenceState, std::size_t>{};
}

asio::awaitable<Result<std::vector<routing::AgentView>>> FakeDesk::agents() {
  co_return std::vector<routing::AgentView>();
}

asio::awaitable<Result<std::optional<routing::Conversation>>> FakeDesk::conversation_of(routing::Identity identity,
                                                                                        ChannelName channel) {
  if (down) co_return unavailable();
  for (const auto& [id, entry] : held) {
    const bool open = entry.conversation.state != State::closed;
    if (open && entry.conversation.channel == channel && takes_part(id, identity)) co_return entry.conversation;
  }
  co_return std::nullopt;
}

asio::awaitable<Result<routing::StatusView>> FakeDesk::status(std::string token) {
  if (down) co_return unavailable();
  for (const auto& [id, entry] : held) {
    if (entry.status_token != token) continue;
    routing::StatusView view;
    view.ended = entry.ended;
    if (view.ended) co_return view;
    view.conversation = entry.conversation;
    view.agent_name = entry.conversation.agent.str();
    view.position = entry.position;
    view.wait = entry.wait;
    view.messages = entry.messages;
    co_return view;
  }
  co_return fail(ErrorCode::not_found, "no conversation has this status token");
}

asio::awaitable<Result<std::pair<std::optional<int>, std::optional<routing::WaitEstimate>>>> FakeDesk::position(
    routing::ConversationId id) {
  if (down) co_return unavailable();
  const auto found = held.find(id);
  if (found == held.end()) co_return fail(ErrorCode::not_found, "no conversation " + id.str());
  const bool waits = found->second.conversation.state == State::waiting;
  co_return std::pair(waits ? found->second.position : std::nullopt, found->second.wait);
}

asio::awaitable<Result<std::vector<routing::ConversationId>>> FakeDesk::conversations_of_blob(routing::BlobId blob) {
  std::vector<routing::ConversationId> ids;
  for (const auto& [id, entry] : held) {
    const bool names_it = std::ranges::any_of(entry.messages, [&blob](const routing::Message& one) {
      return std::ranges::find(one.attachments, blob, &routing::Attachment::id) != one.attachments.end();
    });
    if (names_it) ids.push_back(id);
  }
  co_return ids;
}

asio::awaitable<Result<boost::json::object>> FakeDesk::explain(routing::ConversationId) {
  co_return boost::json::object();
}

asio::awaitable<Result<boost::json::object>> FakeDesk::audit(bool) {
  co_return boost::json::object();
}

FakeDesk::Held& FakeDesk::only() {
  if (held.size() != 1) throw std::logic_error("there is not exactly one conversation");
  return held.begin()->second;
}

void FakeDesk::assign(Held& entry, const std::string& agent) {
  entry.conversation.agent = AgentName(agent);
  entry.position.reset();
  entry.conversation.state = State::active;
  announce("conversation.assigned", entry, {{"agent", agent}});
}

void FakeDesk::answer(Held& entry, const std::string& text, routing::Direction direction) {
  routing::Message message;
  message.id = routing::MessageId("m_" + std::to_string(++next_));
  message.seq = entry.messages.size() + 1;
  message.at = clock_.now();
  message.direction = direction;
  message.author = {routing::ActorKind::agent, entry.conversation.agent.str(), "Ani Sarkissian", true};
  message.text = text;
  entry.messages.push_back(message);
  const bool note = direction == routing::Direction::note;
  announce(note ? "message.note" : (direction == routing::Direction::out ? "message.out" : "message.system"), entry,
           {{"message", message.id.str()}});
}

void FakeDesk::change(Held& entry, State state, const std::string& event) {
  entry.conversation.state = state;
  announce(event, entry);
}

void FakeDesk::announce(const std::string& type, const Held& entry,
                        std::map<std::string, std::string, std::less<>> ids) {
  routing::Event event;
  event.id = std::to_string(++next_) + "-0";
  event.at = clock_.now();
  event.type = type;
  event.conversation = entry.conversation.id;
  ids.emplace("queue", entry.conversation.queue.str());
  ids.emplace("channel", entry.conversation.channel.str());
  event.ids = std::move(ids);
  feed_.events.call(event);
}

}  // namespace peyk::test
