#include "daemon/agent_socket.h"

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/json_input.h"
#include "daemon/agent_peer.h"
#include "routing/json.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

constexpr auto kHelloTime = std::chrono::seconds(10);
constexpr std::size_t kFrameBytes = 1U << 20U;
constexpr TextRule kTokenRule{1, 200, false};

json::object error_frame(const json::value& id, const Error& error) {
  json::object frame{
      {"type", "error"},
      {"re", id},
      {"code", to_string(error.code)},
      {"message", error.code == ErrorCode::internal ? "an internal error; it has been logged" : error.message}};
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

class AgentSocket {
 public:
  AgentSocket(SocketDependencies dependencies, std::shared_ptr<net::WebSocket> socket, std::string peer)
      : dependencies_(std::move(dependencies)), socket_(std::move(socket)), peer_(std::move(peer)) {}

  asio::awaitable<void> run();

 private:
  asio::awaitable<Result<Session>> greet();
  asio::awaitable<void> serve(Session session);
  asio::awaitable<void> answer(const AgentName& agent, std::string text);
  asio::awaitable<Result<json::object>> execute(AgentName agent, json::object fields);
  void refuse(const Error& error);

  SocketDependencies dependencies_;
  std::shared_ptr<net::WebSocket> socket_;
  std::string peer_;
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
struct Presence {
  SocketHost& host;
  const std::string& id;
  AgentName agent;
  ~Presence() { host.leave(id, agent); }
};

asio::awaitable<void> AgentSocket::serve(Session session) {
  const Presence presence{dependencies_.host, dependencies_.id, session.agent};
  spdlog::info("agent.connected agent={} socket={} peer={}", session.agent.str(), dependencies_.id, peer_);
  socket_->set_frame_limit(kFrameBytes);
  for (;;) {
    auto text = co_await socket_->read();
    if (!text) break;
    co_await answer(session.agent, std::move(*text));
  }
  spdlog::info("agent.disconnected agent={} socket={}", session.agent.str(), dependencies_.id);
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

asio::awaitable<void> AgentSocket::answer(const AgentName& agent, std::string text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) {
    send_frame(*socket_, error_frame(nullptr, Error{ErrorCode::invalid, "the frame is not a JSON object", {}, {}}));
    co_return;
  }
  auto& fields = value.as_object();
  const auto id = take_id(fields);
  auto done = co_await execute(agent, std::move(fields));
  if (!done) {
    if (done.error().code == ErrorCode::internal) {
      spdlog::error("agent.command_failed agent={} error=\"{}\"", agent.str(), done.error().message);
    }
    send_frame(*socket_, error_frame(id, done.error()));
    co_return;
  }
  json::object frame{{"type", "ok"}, {"re", id}};
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
  AgentSocket agent_socket(std::move(dependencies), std::move(socket), std::move(peer));
  co_await agent_socket.run();
}

}  // namespace peyk::daemon
