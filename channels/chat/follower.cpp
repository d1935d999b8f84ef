#include "channels/chat/follower.h"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "channels/chat/server_frame.h"
#include "routing/last_messages.h"

namespace peyk::channels::chat {
namespace {

using routing::State;

constexpr std::size_t kWorkers = 16;       // visitors looked at side by side
constexpr std::size_t kStrangers = 1000;   // new conversations remembered; the oldest is dropped
constexpr std::size_t kPage = 200;         // messages a read
constexpr std::size_t kPositions = 100;    // positions read between two pauses
constexpr std::chrono::seconds kPause{1};  // before a store that failed is asked again, and between positions
constexpr std::chrono::seconds kTyping{1};

bool is_held(State state) {
  return state == State::active || state == State::pending || state == State::snoozed;
}

/// Whether an event may change the place of others in their queue.
bool moves_queues(std::string_view type) {
  return type.starts_with("conversation.") || type.starts_with("offer.") || type == "roster.changed";
}

/// Whether he has written what was not acknowledged on a socket of his here: that opened the conversation again,
/// however soon after it was over.
bool wrote_elsewhere(const Visitor& visitor, const std::vector<routing::Message>& messages) {
  return std::ranges::any_of(messages, [&visitor](const routing::Message& message) {
    if (message.direction != routing::Direction::in) return false;
    return std::ranges::none_of(visitor.sessions, [&message](const Session* session) {
      return std::ranges::find(session->written, message.id) != session->written.end();
    });
  });
}

/// Counts a worker out when its coroutine ends, however it ends.
class Worker {
 public:
  explicit Worker(std::size_t& count) : count_(count) {}
  ~Worker() { --count_; }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

std::string shown_name(const config::Config& config, const AgentName& agent) {
  const auto found = config.agents.find(agent);
  return found == config.agents.end() ? std::string() : found->second.display_name;
}

asio::awaitable<Result<std::vector<routing::Message>>> read_messages(routing::Reader& reader,
                                                                     routing::ConversationId conversation,
                                                                     std::uint64_t after, std::size_t keep) {
  if (after == 0 && keep <= kPage) co_return co_await reader.messages(conversation, routing::kLastMessages, keep);
  std::vector<routing::Message> kept;
  for (;;) {
    auto page = co_await reader.page(conversation, after, kPage);
    if (!page) co_return std::unexpected(std::move(page.error()));
    if (!page->messages.empty()) after = page->messages.back().seq;
    std::ranges::move(page->messages, std::back_inserter(kept));
    if (kept.size() > keep) kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(keep));
    if (!page->more) co_return kept;
  }
}

Follower::Follower(const ChannelContext& context, Lobby& lobby)
    : context_(context), lobby_(lobby), queues_moved_(context.executor) {}

void Follower::start() {
  tasks_ = std::make_unique<TaskGroup>(context_.executor, "chat.follower");
  events_ = context_.events.listen([this](const routing::Event& event) { on_event(event); });
  gaps_ = context_.events.on_gap([this] { on_gap(); });
  signals_ = context_.signals.listen([this](const routing::Signal& signal) { on_signal(signal); });
  tasks_->spawn("positions", keep_positions());
}

asio::awaitable<void> Follower::stop() {
  events_.reset();
  gaps_.reset();
  signals_.reset();
  if (tasks_) co_await tasks_->stop();
  tasks_.reset();
  workers_ = 0;  // tasks that never began have not counted themselves out
  changed_.clear();
  strangers_.clear();
}

void Follower::look_at(const std::shared_ptr<Visitor>& visitor) {
  visitor->changed = true;
  if (visitor->listed) return;
  visitor->listed = true;
  changed_.push_back(visitor);
  wake_workers();
}

void Follower::wake_workers() {
  // Counted here: a task begins to run only later, and a gap in the events wakes thousands at once.
  if (tasks_ && workers_ < kWorkers && tasks_->spawn("look", work())) ++workers_;
}

void Follower::on_event(const routing::Event& event) {
  if (moves_queues(event.type)) {
    moved_ = true;
    queues_moved_.notify();
  }
  if (event.conversation.empty()) return;
  if (const auto visitor = lobby_.of_conversation(event.conversation)) return look_at(visitor);
  // Somebody here may have written from another tab, on another daemon; or an agent wrote first.
  if (event.type != "conversation.created" || lobby_.visitors() == 0) return;
  const auto channel = event.get("channel");
  if (!channel.empty() && !lobby_.chat(ChannelName(std::string(channel)))) return;
  strangers_.push_back(event.conversation);
  if (strangers_.size() > kStrangers) strangers_.pop_front();
  wake_workers();
}

void Follower::on_gap() {
  for (const auto& visitor : lobby_.all()) look_at(visitor);
}

void Follower::on_signal(const routing::Signal& signal) {
  if (signal.from_customer || signal.type != "typing") return;
  const auto visitor = lobby_.of_conversation(signal.conversation);
  const auto now = context_.clock.now();
  if (!visitor || now - visitor->agent_typed_at < kTyping) return;
  visitor->agent_typed_at = now;
  visitor->tell(typing_frame());
}

asio::awaitable<void> Follower::work() {
  const Worker counted(workers_);
  while (!changed_.empty() || !strangers_.empty()) {
    if (changed_.empty()) {
      const auto stranger = strangers_.front();
      strangers_.pop_front();
      co_await introduce(stranger);
      continue;
    }
    const auto visitor = changed_.front();
    changed_.pop_front();
    visitor->changed = false;
    const bool seen = co_await look(visitor);
    if (!seen) visitor->changed = true;
    const bool again = visitor->changed && !visitor->sessions.empty();
    visitor->listed = again;
    if (again) changed_.push_back(visitor);
    // A store that is down is not asked in a circle.
    if (!seen) co_await sleep_for(kPause);
  }
}

/// False when the store did not answer.
asio::awaitable<bool> Follower::look(std::shared_ptr<Visitor> visitor) {
  // While a message is stored the session looks again itself, after its ack.
  if (visitor->sessions.empty() || visitor->is_storing()) co_return true;
  if (visitor->conversation.empty()) co_return co_await find_conversation(visitor);
  const auto id = visitor->conversation;
  const auto conversation = co_await context_.reader.conversation(id);
  if (!conversation) co_return conversation.error().code == ErrorCode::not_found;
  if (visitor->conversation != id || visitor->sessions.empty()) co_return true;
  const auto* const oldest = *std::ranges::min_element(visitor->sessions, {}, &Session::last_seq);
  const auto messages = co_await read_messages(context_.reader, id, oldest->last_seq, kPage);
  if (!messages) co_return messages.error().code == ErrorCode::not_found;
  if (visitor->conversation != id) {
    visitor->changed = true;
    co_return true;
  }
  visitor->contact = conversation->contact;
  if (is_over(visitor->state) && wrote_elsewhere(*visitor, *messages)) visitor->state = State::offered;
  // "Assigned" comes before what the agent writes, "resolved" after it.
  if (!is_over(conversation->state)) tell_state(*visitor, *conversation);
  show(*visitor, *messages);
  if (is_over(conversation->state)) tell_state(*visitor, *conversation);
  if (visitor->state == State::waiting && !visitor->position) co_await tell_position(visitor);
  co_return true;
}

asio::awaitable<bool> Follower::find_conversation(std::shared_ptr<Visitor> visitor) {
  const auto found = co_await context_.reader.conversation_of({"visitor", visitor->identity, true}, visitor->channel);
  if (!found) co_return false;
  if (*found && visitor->conversation.empty()) {
    lobby_.attach(visitor, (*found)->id);
    visitor->changed = true;
  }
  co_return true;
}

asio::awaitable<void> Follower::introduce(routing::ConversationId id) {
  const auto conversation = co_await context_.reader.conversation(id);
  if (!conversation) co_return;
  for (const auto& identity : conversation->participants) {
    if (identity.kind != "visitor") continue;
    const auto visitor = lobby_.of_identity(conversation->channel, identity.value);
    if (!visitor) continue;
    lobby_.attach(visitor, id);
    look_at(visitor);
  }
}

void Follower::show(const Visitor& visitor, const std::vector<routing::Message>& messages) {
  for (const auto& message : messages) {
    const auto frame = message_frame(message);
    for (auto* session : visitor.sessions) {
      if (session->storing || message.seq <= session->last_seq) continue;
      session->last_seq = message.seq;
      const bool own = std::erase(session->written, message.id) > 0;
      if (!own && frame) session->socket->send(*frame);
    }
  }
}

void Follower::tell_state(Visitor& visitor, const routing::Conversation& conversation) {
  const auto before = visitor.state;
  const auto agent_before = visitor.agent;
  visitor.state = conversation.state;
  visitor.agent = conversation.agent;
  if (conversation.state != State::waiting) visitor.position.reset();
  if (is_held(conversation.state) && (!is_held(before) || agent_before != conversation.agent)) {
    const auto open = lobby_.chat(visitor.channel);
    if (open) visitor.tell(assigned_frame(shown_name(*open->config, conversation.agent)));
  }
  if (is_over(conversation.state) && !is_over(before)) visitor.tell(resolved_frame(conversation.id));
}

void Follower::tell_place(Visitor& visitor, std::optional<int> position,
                          const std::optional<routing::WaitEstimate>& wait) {
  if (!position || visitor.position == position) return;
  visitor.position = position;
  visitor.tell(queued_frame(position, wait));
}

asio::awaitable<void> Follower::keep_positions() {
  // Ends by cancellation, which each wait passes on.
  for (;;) {
    if (!moved_) co_await queues_moved_.wait();
    moved_ = false;
    std::size_t asked = 0;
    for (const auto& visitor : lobby_.all()) {
      if (visitor->state != State::waiting || visitor->conversation.empty()) continue;
      co_await tell_position(visitor);
      if (++asked % kPositions == 0) co_await sleep_for(kPause);
    }
    co_await sleep_for(kPause);
  }
}

asio::awaitable<void> Follower::tell_position(std::shared_ptr<Visitor> visitor) {
  const auto id = visitor->conversation;
  const auto place = co_await context_.reader.position(id);
  if (!place || visitor->conversation != id || visitor->state != State::waiting || visitor->is_storing()) co_return;
  tell_place(*visitor, place->first, place->second);
}

}  // namespace peyk::channels::chat
