#include "daemon/agent_peer.h"

#include <algorithm>
#include <ranges>

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include "daemon/detail.h"
#include "routing/json.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxQueued = 1'000;
constexpr std::size_t kMaxDeclined = 100;
constexpr auto kRetry = std::chrono::seconds(1);
constexpr auto kSessionCheck = std::chrono::seconds(60);

/// The id of the last message of a conversation with its `messages`; empty: none.
std::string last_message(const json::object& detail) {
  const auto& messages = detail.at("messages").as_array();
  return messages.empty() ? std::string() : json::value_to<std::string>(messages.back().at("id"));
}

std::string text_in(const json::object& frame, std::string_view name) {
  const auto* found = frame.if_contains(name);
  return found != nullptr && found->is_string() ? json::value_to<std::string>(*found) : std::string();
}

json::object with_type(std::string_view type, json::object fields) {
  json::object frame{{"type", type}};
  for (auto& [name, value] : fields) frame.emplace(name, std::move(value));
  return frame;
}

}  // namespace

bool send_frame(net::WebSocket& socket, const json::object& frame) {
  return socket.send(json::serialize(frame));
}

AgentPeer::AgentPeer(PeerContext context, AgentName agent)
    : context_(std::move(context)),
      agent_(std::move(agent)),
      wake_(context_.executor),
      finished_event_(context_.executor) {}

void AgentPeer::add(std::string id, Session session, std::shared_ptr<net::WebSocket> socket) {
  sockets_[id] = Socket{std::move(session), std::move(socket), false, {}};
  Notice notice;
  notice.kind = Notice::Kind::welcome;
  notice.socket = std::move(id);
  tell(std::move(notice));
}

void AgentPeer::remove(const std::string& id) {
  sockets_.erase(id);
}

void AgentPeer::tell(Notice notice) {
  if (queue_.size() >= kMaxQueued) {
    spdlog::warn("agent.behind agent={} dropped={}", agent_.str(), queue_.size());
    resync();
    return;
  }
  queue_.push_back(std::move(notice));
  wake_.notify();
}

void AgentPeer::resync() {
  queue_.clear();
  Notice notice;
  notice.kind = Notice::Kind::welcome;
  queue_.push_back(std::move(notice));
  wake_.notify();
}

std::string AgentPeer::take_decline(const std::string& offer) {
  const auto found = declined_.find(offer);
  if (found == declined_.end()) return {};
  auto socket = std::move(found->second);
  declined_.erase(found);
  if (declined_.size() > kMaxDeclined) declined_.clear();
  return socket;
}

void AgentPeer::finish() {
  finished_ = true;
  wake_.notify();
  finished_event_.notify();
}

void AgentPeer::close(int code, std::string_view reason) {
  for (auto& [id, socket] : sockets_) socket.web_socket->close(code, reason);
}

asio::awaitable<void> AgentPeer::speak() {
  const auto self = shared_from_this();
  while (!finished_) {
    if (queue_.empty()) {
      co_await wake_.wait();
      continue;
    }
    auto notice = std::move(queue_.front());
    queue_.pop_front();
    const auto delivered = co_await deliver(std::move(notice));
    if (delivered || delivered.error().code == ErrorCode::not_found) continue;
    spdlog::warn("agent.notice_failed agent={} error=\"{}\"", agent_.str(), delivered.error().message);
    // What could not be read is in the welcome that follows once the store answers again.
    co_await finished_event_.wait(kRetry);
    resync();
  }
}

asio::awaitable<Result<>> AgentPeer::deliver(Notice notice) {
  if (notice.kind == Notice::Kind::welcome) co_return co_await welcome(std::move(notice.socket));
  if (notice.kind == Notice::Kind::frame) {
    send(notice.frame, notice.but_not);
    co_return Result<>();
  }
  auto frame = co_await build(std::move(notice));
  if (!frame) co_return std::unexpected(frame.error());
  send(*frame, {});
  co_return Result<>();
}

void AgentPeer::send(const json::object& frame, const std::string& but_not) {
  const auto text = json::serialize(frame);
  for (auto& [id, socket] : sockets_) {
    if (!socket.welcomed || id == but_not) continue;
    socket.web_socket->send(text);
    note_shown(socket, frame);
  }
}

void AgentPeer::note_shown(Socket& socket, const json::object& frame) const {
  const auto type = text_in(frame, "type");
  const auto conversation = text_in(frame, "conversation");
  if (type == "welcome") {
    socket.shown.clear();
    for (const auto& detail : frame.at("conversations").as_array()) {
      socket.shown[text_in(detail.as_object(), "id")] = last_message(detail.as_object());
    }
  } else if (type == "assigned") {
    socket.shown[conversation] = last_message(frame.at("detail").as_object());
  } else if (type == "message") {
    socket.shown[conversation] = text_in(frame.at("message").as_object(), "id");
  } else if (type == "updated" && text_in(frame, "agent") != agent_.str()) {
    socket.shown.erase(conversation);
  }
}

std::string AgentPeer::shown(const std::string& socket, const std::string& conversation) const {
  const auto found = sockets_.find(socket);
  if (found == sockets_.end()) return {};
  const auto message = found->second.shown.find(conversation);
  return message == found->second.shown.end() ? std::string() : message->second;
}

asio::awaitable<Result<>> AgentPeer::welcome(std::string only) {
  auto frame = co_await build_welcome();
  if (!frame) co_return std::unexpected(frame.error());
  const auto text = json::serialize(*frame);
  for (auto& [id, socket] : sockets_) {
    if (!only.empty() && id != only) continue;
    socket.welcomed = true;
    socket.web_socket->send(text);
    note_shown(socket, *frame);
  }
  co_return Result<>();
}

asio::awaitable<Result<json::object>> AgentPeer::build_welcome() {
  auto& desk = context_.desk;
  const auto view = co_await desk.presence().view(agent_);
  if (!view) co_return std::unexpected(view.error());
  json::array offers;
  for (const auto& id : view->offers) {
    const auto offer = co_await desk.presence().offer(id);
    if (offer) offers.emplace_back(routing::to_json(*offer));
    if (!offer && offer.error().code != ErrorCode::not_found) co_return std::unexpected(offer.error());
  }
  json::array conversations;
  if (context_.owned) {
    for (const auto& id : view->conversations) context_.owned(id.str(), agent_);
  }
  const auto each = kInWelcome / std::max<std::size_t>(1, view->conversations.size());
  for (const auto& id : view->conversations) {
    auto detail = co_await load_detail(desk.reader(), id, std::clamp(each, kLeastInFrame, kInFrame));
    if (detail) conversations.emplace_back(std::move(*detail));
    if (!detail && detail.error().code != ErrorCode::not_found) co_return std::unexpected(detail.error());
  }
  json::object fields{{"agent", agent_.str()}};
  const auto config = context_.config();
  const auto known = config->agents.find(agent_);
  if (known != config->agents.end()) {
    fields["name"] = known->second.display_name;
    fields["role"] = to_string(known->second.role);
    fields["queues"] = routing::to_json_array(known->second.queues);
  }
  auto state = routing::to_json(*view);
  for (const auto* name : {"presence", "reason", "load", "capacity"}) fields[name] = state[name];
  fields["offers"] = std::move(offers);
  fields["conversations"] = std::move(conversations);
  co_return with_type("welcome", std::move(fields));
}

asio::awaitable<Result<json::object>> AgentPeer::build(Notice notice) {
  auto& desk = context_.desk;
  const routing::ConversationId conversation(notice.conversation);
  if (notice.kind == Notice::Kind::offer) {
    const auto offer = co_await desk.presence().made(routing::OfferId(notice.id), std::move(notice.via));
    if (!offer) co_return std::unexpected(offer.error());
    co_return with_type("offer", routing::to_json(*offer));
  }
  if (notice.kind == Notice::Kind::assigned) {
    auto detail = co_await load_detail(desk.reader(), conversation, kInFrame);
    if (!detail) co_return std::unexpected(detail.error());
    co_return json::object{{"type", "assigned"}, {"conversation", notice.conversation}, {"detail", std::move(*detail)}};
  }
  if (notice.kind == Notice::Kind::presence) {
    const auto view = co_await desk.presence().view(agent_);
    if (!view) co_return std::unexpected(view.error());
    auto state = routing::to_json(*view);
    co_return json::object{{"type", "presence"},
                           {"state", state["presence"]},
                           {"reason", state["reason"]},
                           {"load", state["load"]},
                           {"capacity", state["capacity"]}};
  }
  const auto message = co_await desk.reader().message(conversation, routing::MessageId(notice.id));
  if (!message) co_return std::unexpected(message.error());
  auto shown = routing::to_json(*message);
  if (notice.kind == Notice::Kind::delivery) {
    co_return json::object{{"type", "delivery"},
                           {"conversation", notice.conversation},
                           {"message", notice.id},
                           {"state", shown["state"]},
                           {"detail", shown["detail"]}};
  }
  co_return json::object{{"type", "message"}, {"conversation", notice.conversation}, {"message", std::move(shown)}};
}

std::vector<std::string> AgentPeer::socket_ids() const {
  const auto ids = std::views::keys(sockets_);
  return {ids.begin(), ids.end()};
}

asio::awaitable<bool> AgentPeer::renew_now() {
  // Each of them: when one ends, the others must be known to live.
  for (const auto& id : socket_ids()) {
    if (!sockets_.contains(id)) continue;
    const auto renewed = co_await context_.desk.presence().renew(agent_, id);
    if (renewed) continue;
    spdlog::warn("agent.lease_failed agent={} error=\"{}\"", agent_.str(), renewed.error().message);
    co_return false;
  }
  co_return true;
}

asio::awaitable<void> AgentPeer::keep_lease() {
  const auto self = shared_from_this();
  auto next_check = std::chrono::steady_clock::now() + kSessionCheck;
  bool failing = false;
  while (!finished_) {
    const auto pause = failing ? std::chrono::milliseconds(kRetry) : context_.config()->presence.lease / 3;
    co_await finished_event_.wait(pause);
    if (finished_ || sockets_.empty()) continue;
    const bool renewed = co_await renew_now();
    failing = !renewed;
    if (failing || std::chrono::steady_clock::now() < next_check) continue;
    next_check = std::chrono::steady_clock::now() + kSessionCheck;
    co_await check_sessions();
  }
}

asio::awaitable<void> AgentPeer::check_sessions() {
  for (const auto& id : socket_ids()) {
    const auto before = sockets_.find(id);
    if (before == sockets_.end()) continue;
    const auto valid = co_await context_.sessions.check(before->second.session);
    if (valid || valid.error().code != ErrorCode::unauthorized) continue;
    const auto after = sockets_.find(id);
    if (after != sockets_.end()) after->second.web_socket->close(1008, "the session has ended: log in again");
  }
}

}  // namespace peyk::daemon
