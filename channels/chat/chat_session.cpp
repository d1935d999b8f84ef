#include "channels/chat/chat_session.h"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/net/client_network.h"
#include "base/text.h"
#include "channels/chat/past.h"
#include "channels/chat/server_frame.h"
#include "routing/last_messages.h"

namespace peyk::channels::chat {
namespace {

using routing::State;

constexpr std::chrono::seconds kHelloTime{10};
constexpr std::size_t kWritten = 64;  // own messages not yet met; more would mean a feed that stands still
constexpr int kStrikes = 20;          // bad frames in kStrikeTime before the socket is closed
constexpr std::chrono::minutes kStrikeTime{1};
constexpr std::chrono::seconds kTyping{1};      // between two signals of one socket
constexpr std::size_t kSockets = 20;            // of one visitor
constexpr std::size_t kFrameOverhead = 16'384;  // of a message frame beside its text
constexpr std::size_t kEscaped = 6;             // bytes that JSON may need for one

class ChatSession {
 public:
  ChatSession(ChatHouse& house, std::shared_ptr<net::WebSocket> socket, Caller caller)
      : house_(house), caller_(std::move(caller)) {
    session_.socket = std::move(socket);
  }
  ~ChatSession() {
    if (visitor_) house_.lobby.leave(visitor_, session_);
  }
  ChatSession(const ChatSession&) = delete;
  ChatSession& operator=(const ChatSession&) = delete;

  asio::awaitable<void> run() {
    const bool welcomed = co_await begin();
    if (!welcomed) co_return;
    for (;;) {
      const auto text = co_await session_.socket->read();
      if (!text) co_return;
      const bool goes_on = co_await take(*text);
      if (!goes_on) co_return;
    }
  }

 private:
  void send(const std::string& frame) { session_.socket->send(frame); }

  /// Says what is wrong and ends the socket.
  bool refuse(int close_code, ErrorCode code, std::string_view message) {
    send(error_frame(code, message));
    session_.socket->close(close_code, to_string(code));
    return false;
  }

  Time now() const { return house_.context.clock.now(); }

  // The beginning.

  asio::awaitable<bool> begin() {
    auto text = co_await with_deadline(kHelloTime, session_.socket->read());
    const auto chat = house_.lobby.chat(caller_.channel);
    if (!chat) co_return refuse(1013, ErrorCode::unavailable, "this chat is closing");
    if (!text) {
      const bool late = text.error().code == ErrorCode::timeout;
      co_return late ? refuse(1008, ErrorCode::timeout, "the first frame must be a hello, within 10 s") : false;
    }
    auto frame = parse_client_frame(*text, chat->settings().limits.text_bytes);
    if (!frame) co_return refuse(1008, frame.error().code, frame.error().message);
    auto* const hello = std::get_if<Hello>(&*frame);
    if (hello == nullptr) co_return refuse(1008, ErrorCode::invalid, "the first frame must be a hello");
    co_return co_await welcome(std::move(*hello), chat);
  }

  asio::awaitable<bool> welcome(Hello hello, std::shared_ptr<OpenChat> open) {
    auto& chat = *open;
    auto token = std::move(hello.visitor);
    if (!VisitorTokens::is_plausible(token)) token.clear();
    if (!may_come_back(token)) co_return false;
    auto past = co_await read_past(house_.context.reader, house_.tokens, caller_.channel, token);
    if (!past) co_return refuse(1013, past.error().code, "the store does not answer: come back in a moment");
    if (token.empty() || is_forgotten(*past, chat.settings().visitor_lifetime, now())) {
      *past = {};
      const auto& rate = chat.settings().limits.visitors;
      const auto key = caller_.channel.str() + " " + net::client_network(caller_.peer);
      if (rate && house_.new_visitor_rates.refuse(key, *rate, now())) {
        co_return refuse(1013, ErrorCode::throttled, "too many new visitors from this address");
      }
      token = house_.tokens.issue();
    }
    const auto identity = VisitorTokens::identity_of(token).value;
    if (has_all_sockets(identity)) co_return refuse_socket();
    remember(std::move(hello));
    session_.socket->set_frame_limit(chat.settings().limits.text_bytes * kEscaped + kFrameOverhead);
    visitor_ = house_.lobby.join(caller_.channel, identity, session_);
    const auto* const conversation = past->conversation ? &*past->conversation : nullptr;
    const auto opening = conversation == nullptr ? chat.hours.of_channel(*chat.channel, now())
                                                 : chat.hours.of_queue(conversation->queue, now());
    send(welcome_frame({token, conversation, &past->page, opening}));
    if (conversation != nullptr) continue_with(*past, chat);
    co_return true;
  }

  bool has_all_sockets(const std::string& identity) const {
    const auto known = house_.lobby.of_identity(caller_.channel, identity);
    return known && known->sessions.size() >= kSockets;
  }

  bool refuse_socket() { return refuse(1008, ErrorCode::throttled, "this chat is open too many times"); }

  /// Whether the store is asked about him at all.
  bool may_come_back(const std::string& token) {
    if (token.empty()) return true;
    const auto identity = VisitorTokens::identity_of(token).value;
    if (has_all_sockets(identity)) return refuse_socket();
    const auto wait = house_.visitor_rates.come_back(identity, caller_.peer, now());
    if (!wait) return true;
    const auto text = fmt::format("too many connections: wait {} s", retry_after_seconds(*wait));
    return refuse(1013, ErrorCode::throttled, text);
  }

  void remember(Hello hello) {
    name_ = std::move(hello.name);
    email_ = std::move(hello.email);
    page_ = std::move(hello.page);
    const auto& tag = hello.locale.empty() ? caller_.language : hello.locale;
    caller_.language = ascii_lower(tag.substr(0, tag.find_first_of("-_,;")));
  }

  /// Joins the conversation where it stands; what happened since it was read is looked at again.
  void continue_with(const Past& past, const OpenChat& chat) {
    const auto& conversation = *past.conversation;
    if (!past.page.messages.empty()) session_.last_seq = past.page.messages.back().seq;
    house_.lobby.attach(visitor_, conversation.id);
    visitor_->contact = conversation.contact;
    const bool alone = visitor_->sessions.size() == 1;
    const bool held = !conversation.agent.empty() && conversation.state != State::resolved;
    if (held) send(assigned_frame(shown_name(*chat.config, conversation.agent)));
    if (alone) {
      visitor_->state = conversation.state;
      visitor_->agent = conversation.agent;
    } else if (conversation.state == State::waiting && visitor_->position) {
      send(queued_frame(visitor_->position, std::nullopt));
    }
    house_.follower.look_at(visitor_);
  }

  // Frames.

  /// False when the socket has ended.
  asio::awaitable<bool> take(std::string_view text) {
    const auto chat = house_.lobby.chat(caller_.channel);
    if (!chat) co_return false;
    auto frame = parse_client_frame(text, chat->settings().limits.text_bytes);
    if (!frame) co_return strike(frame.error());
    if (auto* const say = std::get_if<Say>(&*frame)) co_return co_await store(std::move(*say), chat);
    if (std::holds_alternative<Typing>(*frame)) signal("typing", {});
    if (const auto* const read = std::get_if<Read>(&*frame)) tell_read(read->message);
    const bool ending = std::holds_alternative<End>(*frame) || std::holds_alternative<Rate>(*frame);
    if (ending && ends_too_often(*chat)) co_return strike({ErrorCode::throttled, "too often: wait a minute", {}});
    if (std::holds_alternative<End>(*frame)) co_await end();
    if (auto* const rate = std::get_if<Rate>(&*frame)) co_await store_rating(std::move(*rate));
    if (auto* const history = std::get_if<History>(&*frame)) co_return co_await tell_history(std::move(*history));
    if (std::holds_alternative<Hello>(*frame)) co_return strike({ErrorCode::conflict, "hello comes once", {}});
    co_return true;
  }

  /// An error, and the end for who sends nothing else.
  bool strike(const FrameError& error) {
    send(error_frame(error.code, error.message, error.key));
    if (now() - strikes_since_ > kStrikeTime) {
      strikes_since_ = now();
      strikes_ = 0;
    }
    if (++strikes_ < kStrikes) return true;
    spdlog::warn("chat.closed channel={} peer={} reason=abuse", caller_.channel.str(), caller_.peer);
    session_.socket->close(1008, "too many bad frames");
    return false;
  }

  asio::awaitable<bool> store(Say say, std::shared_ptr<OpenChat> open) {
    const auto& chat = *open;
    if (const auto& rate = chat.settings().limits.messages) {
      if (const auto wait = house_.message_rates.refuse(visitor_->identity, *rate, now())) {
        const auto text = fmt::format("too many messages: wait {} s", retry_after_seconds(*wait));
        co_return strike({ErrorCode::throttled, text, say.key});
      }
    }
    auto inbound = to_inbound(say, chat);
    if (!inbound) co_return strike({inbound.error().code, inbound.error().message, say.key});
    session_.storing = true;
    const auto accepted = co_await house_.context.intake.receive(std::move(*inbound));
    session_.storing = false;
    if (!accepted) {
      send(error_frame(accepted.error().code, told(accepted.error()), say.key));
    } else {
      acknowledge(say.key, *accepted);
    }
    // What came while it was stored has been kept back.
    if (!visitor_->conversation.empty()) house_.follower.look_at(visitor_);
    co_return session_.socket->open();
  }

  /// Peers get no internals.
  static std::string told(const Error& error) {
    switch (error.code) {
      case ErrorCode::unavailable:
      case ErrorCode::timeout: return "not stored: send it again under the same key";
      case ErrorCode::conflict: return "this key was used for another message";
      case ErrorCode::unprocessable: return error.message;
      default: return "not stored";
    }
  }

  void acknowledge(const std::string& key, const routing::Accepted& accepted) {
    house_.lobby.attach(visitor_, accepted.conversation);
    if (!accepted.duplicate) {
      session_.written.push_back(accepted.message);
      if (session_.written.size() > kWritten) session_.written.erase(session_.written.begin());
      page_.clear();
    }
    send(ack_frame(key, accepted));
    if (accepted.duplicate) return;
    // It is open again, and its next end is to be told, also when no look falls between.
    if (is_over(visitor_->state)) visitor_->state = accepted.state;
    if (accepted.state != State::waiting) return;
    visitor_->state = State::waiting;
    visitor_->agent = {};
    Follower::tell_place(*visitor_, accepted.position, accepted.wait);
  }

  Result<routing::Inbound> to_inbound(const Say& say, const OpenChat& chat) {
    routing::Inbound inbound;
    const auto& identity = visitor_->identity;
    std::string content = fmt::format("{}:{}", say.text.size(), say.text);
    for (const auto& ticket : say.attachments) {
      auto attachment = house_.tickets.open(identity, ticket);
      if (!attachment) return std::unexpected(std::move(attachment.error()));
      content += "\n" + attachment->id.str();
      inbound.attachments.push_back(std::move(*attachment));
    }
    inbound.channel = caller_.channel;
    inbound.kind = routing::ChannelKind::chat;
    inbound.delivery_key = "chat:" + sha256_hex(fmt::format("{}\n{}\n{}", caller_.channel.str(), identity, say.key));
    inbound.body_digest = sha256_hex(content);
    inbound.sender = {"visitor", identity, true};
    if (!email_.empty()) inbound.also_known_as.push_back({"email", email_, false});
    inbound.sender_name = name_;
    inbound.thread.conversation = visitor_->conversation;
    inbound.text = say.text;
    if (!page_.empty()) inbound.fields["page"] = page_;
    inbound.locale = caller_.language.empty() ? chat.channel->locale : caller_.language;
    return inbound;
  }

  void signal(std::string type, const std::string& message) {
    if (visitor_->conversation.empty()) return;
    if (type == "typing") {
      if (now() - typed_at_ < kTyping) return;
      typed_at_ = now();
    }
    house_.context.signals.send({std::move(type), visitor_->conversation, true, visitor_->contact.str(), message});
  }

  void tell_read(const std::string& message) {
    if (message == read_ || house_.visitor_rates.tell_read(visitor_->identity, now())) return;
    read_ = message;
    signal("read", message);
  }

  /// Only of the conversation he has now: the seqs of one he had before mean nothing in it.
  asio::awaitable<bool> tell_history(History asked) {
    const routing::ConversationId id(std::move(asked.conversation));
    if (visitor_->conversation.empty() || visitor_->conversation != id) {
      co_return strike({ErrorCode::not_found, "this is not your conversation", {}});
    }
    if (const auto wait = house_.visitor_rates.turn_back(visitor_->identity, caller_.peer, now())) {
      const auto text = fmt::format("too often for earlier messages: wait {} s", retry_after_seconds(*wait));
      co_return strike({ErrorCode::throttled, text, {}});
    }
    const auto page = co_await house_.context.reader.page(id, routing::few_messages_before(asked.before), kHistory);
    send(page ? history_frame(id, *page)
              : error_frame(page.error().code, "the earlier messages could not be read: ask again in a moment"));
    co_return session_.socket->open();
  }

  /// Ends and ratings count as messages where those are limited, and are never many.
  bool ends_too_often(const OpenChat& chat) {
    const auto& rate = chat.settings().limits.messages;
    if (rate && house_.message_rates.refuse(visitor_->identity, *rate, now())) return true;
    return house_.visitor_rates.end(visitor_->identity, now()).has_value();
  }

  asio::awaitable<void> end() {
    const auto id = visitor_->conversation;
    if (id.empty()) {
      send(error_frame(ErrorCode::not_found, "there is no conversation to end"));
      co_return;
    }
    const bool was_over = visitor_->state == State::resolved;
    const auto ended = co_await house_.context.intake.end(id, {"visitor", visitor_->identity, true});
    if (!ended) {
      send(error_frame(ended.error().code, "the conversation has not been ended"));
      co_return;
    }
    if (visitor_->conversation != id) co_return;
    routing::Conversation over;
    over.id = id;
    over.state = State::resolved;
    over.agent = visitor_->agent;
    if (was_over) send(resolved_frame(id));  // his sockets know: this is the answer alone
    house_.follower.tell_state(*visitor_, over);
  }

  asio::awaitable<void> store_rating(Rate rate) {
    const auto id = visitor_->conversation;
    if (id.empty()) {
      send(error_frame(ErrorCode::not_found, "there is no conversation to rate"));
      co_return;
    }
    const auto rated = co_await house_.context.intake.rate(id, {"visitor", visitor_->identity, true}, rate.score,
                                                           std::move(rate.comment));
    send(rated ? rated_frame() : error_frame(rated.error().code, "the rating has not been stored"));
  }

  ChatHouse& house_;
  Caller caller_;
  Session session_;
  std::shared_ptr<Visitor> visitor_;
  std::string name_;
  std::string email_;
  std::string page_;  // until his first message
  std::string read_;  // the message he was last said to have read
  Time typed_at_{};
  Time strikes_since_{};
  int strikes_ = 0;
};

}  // namespace

ChatHouse::ChatHouse(const ChannelContext& from)
    : context(from),
      lobby(from.executor),
      follower(context, lobby),
      tokens(derive_key(from.key, "chat.visitor"), from.random),
      tickets(derive_key(from.key, "chat.attachment")) {}

asio::awaitable<void> serve_visitor(ChatHouse& house, std::shared_ptr<net::WebSocket> socket, Caller caller) {
  ChatSession session(house, std::move(socket), std::move(caller));
  co_await session.run();
}

}  // namespace peyk::channels::chat
