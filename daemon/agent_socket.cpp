#include "daemon/agent_socket.h"

#include <deque>

#include <boost/asio/this_coro.hpp>
#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/json_input.h"
#include "base/net/shown_error.h"
#include "daemon/agent_peer.h"
#include "routing/json.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

constexpr auto kHelloTime = std::chrono::seconds(10);
constexpr std::size_t kFrameBytes = 1U << 20U;
constexpr std::size_t kAhead = 256;  // commands read before their turn
constexpr std::size_t kAheadBytes = 4U << 20U;
constexpr const char* kNothingSeen = "none";  // no message has this id
constexpr TextRule kTokenRule{1, 200, false};

json::object error_frame(const json::value& id, const Error& error) {
  json::object frame{
      {"type", "error"}, {"re", id}, {"code", to_string(error.code)}, {"message", net::shown_message(error)}};
  if (!error.fields.empty()) {
    json::array fields;
    for (const auto& field : error.fields) fields.push_back({{"field", field.field}, {"message", field.message}});
    frame["errors"] = std::move(fields);
  }
  return frame;
}

/// The id a client chose for its command: text or a whole number. Taken out of `fields`.
json::value take_id(json::object& fields) {
  const auto* found = fields.if_contains("id");
  if (found == nullptr) return nullptr;
  const bool usable =
      (found->is_string() && found->get_string().size() <= 200) || found->is_int64() || found->is_uint64();
  auto id = usable ? *found : json::value(nullptr);
  fields.erase("id");
  return id;
}

/// A command that has come; `fields` is no object when the frame was none.
struct Arrived {
  json::value id;
  json::value fields;
  std::size_t bytes = 0;
};

/// Shared by the task that reads and the one that does what was read.
class AgentSocket : public std::enable_shared_from_this<AgentSocket> {
 public:
  AgentSocket(SocketDependencies dependencies, std::shared_ptr<net::WebSocket> socket, std::string peer,
              const asio::any_io_executor& executor)
      : dependencies_(std::move(dependencies)),
        socket_(std::move(socket)),
        peer_(std::move(peer)),
        arrived_(executor),
        done_(executor) {}

  asio::awaitable<void> run();

 private:
  struct Presence;
  struct Working;

  asio::awaitable<Result<Session>> greet();
  asio::awaitable<void> serve(Session session);
  asio::awaitable<void> read_commands(AgentName agent);
  asio::awaitable<void> do_commands(AgentName agent);
  void take(const AgentName& agent, const std::string& text);
  void say_what_was_shown(const AgentName& agent, json::object& fields) const;
  bool full() const { return queue_.size() >= kAhead || queued_bytes_ >= kAheadBytes; }
  asio::awaitable<void> answer(const AgentName& agent, Arrived command);
  asio::awaitable<Result<json::object>> execute(AgentName agent, json::object fields);
  void refuse(const Error& error);

  SocketDependencies dependencies_;
  std::shared_ptr<net::WebSocket> socket_;
  std::string peer_;
  std::deque<Arrived> queue_;
  std::size_t queued_bytes_ = 0;
  Event arrived_;  // in queue_, or there will be no more
  Event done_;     // one of queue_
  bool ended_ = false;
  bool working_ = false;
};

asio::awaitable<void> AgentSocket::run() {
  auto session = co_await greet();
  if (!session) {
    refuse(session.error());
    co_return;
  }
  const auto entered = co_await dependencies_.host.enter(dependencies_.id, *session, socket_);
  if (!entered) {
    refuse(entered.error());
    co_return;
  }
  co_await serve(std::move(*session));
}

/// Leaves the host on every way out, exceptions and cancellation too.
struct AgentSocket::Presence {
  AgentSocket& socket;
  AgentName agent;
  ~Presence() {
    socket.ended_ = true;
    socket.arrived_.notify();
    socket.dependencies_.host.leave(socket.dependencies_.id, agent);
  }
};

/// Says that nobody does commands any more, on every way out.
struct AgentSocket::Working {
  AgentSocket& socket;
  ~Working() {
    socket.working_ = false;
    socket.done_.notify();
  }
};

asio::awaitable<void> AgentSocket::serve(Session session) {
  spdlog::info("agent.connected agent={} socket={} peer={}", session.agent.str(), dependencies_.id, peer_);
  socket_->set_frame_limit(kFrameBytes);
  working_ = true;
  working_ = dependencies_.host.spawn("commands", do_commands(session.agent)) && working_;
  co_await read_commands(session.agent);
  spdlog::info("agent.disconnected agent={} socket={}", session.agent.str(), dependencies_.id);
  while (working_) co_await done_.wait();
}

asio::awaitable<void> AgentSocket::read_commands(AgentName agent) {
  const Presence presence{*this, agent};
  while (working_) {
    const auto text = co_await socket_->read();
    if (!text) break;
    take(agent, *text);
    while (full() && working_) co_await done_.wait();
  }
}

asio::awaitable<void> AgentSocket::do_commands(AgentName agent) {
  const auto self = shared_from_this();
  const Working working{*this};
  for (;;) {
    if (queue_.empty()) {
      if (ended_) co_return;
      co_await arrived_.wait();
      continue;
    }
    auto command = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= command.bytes;
    co_await answer(agent, std::move(command));
    done_.notify();
  }
}

void AgentSocket::take(const AgentName& agent, const std::string& text) {
  Arrived command;
  boost::system::error_code error;
  command.fields = json::parse(text, error);
  command.bytes = text.size();
  if (error) command.fields = nullptr;
  if (auto* fields = command.fields.if_object()) {
    command.id = take_id(*fields);
    say_what_was_shown(agent, *fields);
  }
  queued_bytes_ += command.bytes;
  queue_.push_back(std::move(command));
  arrived_.notify();
}

/// For a client that does not say itself what its agent has seen. A supervisor's own socket is not shown what he does
/// for others.
void AgentSocket::say_what_was_shown(const AgentName& agent, json::object& fields) const {
  const auto* type = fields.if_contains("type");
  const auto* conversation = fields.if_contains("conversation");
  if (type == nullptr || conversation == nullptr || !conversation->is_string() || fields.contains("seen")) return;
  if (*type != "reply" && *type != "resolve" && *type != "snooze" && *type != "pending") return;
  const auto& host = dependencies_.host;
  auto shown = host.shown(agent, dependencies_.id, json::value_to<std::string>(*conversation));
  const auto caller = caller_of(*dependencies_.config(), agent);
  if (shown.empty() && caller && caller->role == Role::agent) shown = kNothingSeen;
  if (!shown.empty()) fields["seen"] = shown;
}

asio::awaitable<Result<Session>> AgentSocket::greet() {
  auto text = co_await with_deadline(kHelloTime, socket_->read());
  if (!text) co_return std::unexpected(text.error());
  auto input = JsonInput::parse(*text);
  if (!input) co_return std::unexpected(input.error());
  input->choice("type", {"hello"});
  auto token = input->text("token", kTokenRule);
  if (auto finished = input->finish(); !finished) co_return std::unexpected(finished.error());
  co_return co_await dependencies_.sessions.find(std::move(token));
}

void AgentSocket::refuse(const Error& error) {
  if (error.code == ErrorCode::cancelled || !socket_->open()) return;
  send_frame(*socket_, error_frame(nullptr, error));
  const bool later = error.code == ErrorCode::unavailable || error.code == ErrorCode::stale;
  socket_->close(later ? 1013 : 1008, later ? "try again later" : to_string(error.code));
}

asio::awaitable<void> AgentSocket::answer(const AgentName& agent, Arrived command) {
  if (!command.fields.is_object()) {
    send_frame(*socket_, error_frame(nullptr, Error{ErrorCode::invalid, "the frame is not a JSON object", {}, {}}));
    co_return;
  }
  auto done = co_await execute(agent, std::move(command.fields.get_object()));
  if (!done) {
    if (done.error().code == ErrorCode::internal) {
      spdlog::error("agent.command_failed agent={} error=\"{}\"", agent.str(), done.error().message);
    }
    send_frame(*socket_, error_frame(command.id, done.error()));
    co_return;
  }
  json::object frame{{"type", "ok"}, {"re", command.id}};
  for (auto& [name, field] : *done) frame.emplace(name, std::move(field));
  send_frame(*socket_, frame);
}

asio::awaitable<Result<json::object>> AgentSocket::execute(AgentName agent, json::object fields) {
  const auto* type = fields.if_contains("type");
  if (type == nullptr || !type->is_string()) co_return fail(ErrorCode::invalid, "the frame has no type");
  auto command = json::value_to<std::string>(*type);
  fields.erase("type");
  auto caller = caller_of(*dependencies_.config(), agent);
  if (!caller) co_return std::unexpected(caller.error());
  const auto* offer = fields.if_contains("offer");
  // Before it is done: the event may come back before its answer.
  if (command == "decline" && offer != nullptr && offer->is_string()) {
    dependencies_.host.declined(agent, json::value_to<std::string>(*offer), dependencies_.id);
  }
  co_return co_await dependencies_.commands.run(std::move(*caller), std::move(command), std::move(fields));
}

}  // namespace

asio::awaitable<void> run_agent_socket(SocketDependencies dependencies, std::shared_ptr<net::WebSocket> socket,
                                       std::string peer) {
  const auto executor = co_await asio::this_coro::executor;
  const auto agent_socket =
      std::make_shared<AgentSocket>(std::move(dependencies), std::move(socket), std::move(peer), executor);
  co_await agent_socket->run();
}

}  // namespace peyk::daemon
