#include "daemon/agent_gateway.h"

#include <map>
#include <unordered_map>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "daemon/agent_events.h"
#include "daemon/agent_peer.h"
#include "daemon/agent_socket.h"

namespace peyk::daemon {
namespace {

constexpr std::size_t kFirstFrameBytes = 8U << 10U;
constexpr auto kGoodbye = std::chrono::seconds(3);

class Gateway : public AgentGateway, public PeerDirectory, public SocketHost {
 public:
  explicit Gateway(GatewayDependencies dependencies)
      : context_{dependencies.executor, dependencies.desk, dependencies.sessions, dependencies.config,
                 [this](const std::string& conversation, const AgentName& agent) {
                   events_.owned(conversation, agent);
                 }},
        commands_(dependencies.commands),
        random_(dependencies.random),
        events_(*this, dependencies.desk),
        tasks_(dependencies.executor, "agents"),
        goodbyes_(dependencies.executor, "agents.gone") {}

  void attach(net::Routes& routes) override;
  void start() override;
  void resync() override;
  void reconfigure() override;
  asio::awaitable<void> stop() override;
  std::size_t sockets() const override;

  AgentPeer* find(const AgentName& agent) override;
  void each(const std::function<void(AgentPeer&)>& visit) override;

  asio::awaitable<Result<>> enter(const std::string& id, Session session,
                                  std::shared_ptr<net::WebSocket> socket) override;
  void leave(const std::string& id, const AgentName& agent) override;
  void declined(const AgentName& agent, const std::string& offer, const std::string& id) override;
  std::string shown(const AgentName& agent, const std::string& id, const std::string& conversation) const override;
  bool spawn(std::string_view name, asio::awaitable<void> work) override { return tasks_.spawn(name, std::move(work)); }

 private:
  asio::awaitable<void> accept(std::shared_ptr<net::WebSocket> socket, net::Request request);
  asio::awaitable<void> renew(std::shared_ptr<AgentPeer> peer);
  asio::awaitable<void> say_gone(AgentName agent, std::string id);
  std::shared_ptr<AgentPeer> peer_of(const AgentName& agent);

  PeerContext context_;
  Commands& commands_;
  RandomSource& random_;
  std::map<AgentName, std::shared_ptr<AgentPeer>> peers_;
  AgentEvents events_;
  TaskGroup tasks_;
  TaskGroup goodbyes_;
};

void Gateway::attach(net::Routes& routes) {
  net::WebSocketRoute route;
  route.subprotocol = "peyk.agent.v1";
  route.frame_limit = kFirstFrameBytes;
  route.handler = [this](std::shared_ptr<net::WebSocket> socket, net::Request request) {
    return accept(std::move(socket), std::move(request));
  };
  routes.add_websocket("/api/v1/agent", std::move(route));
}

void Gateway::start() {
  events_.start();
}

asio::awaitable<void> Gateway::accept(std::shared_ptr<net::WebSocket> socket, net::Request request) {
  SocketDependencies dependencies{context_.sessions, commands_, context_.config, *this, random_.id("s_")};
  co_await run_agent_socket(std::move(dependencies), std::move(socket), std::move(request.peer));
}

std::shared_ptr<AgentPeer> Gateway::peer_of(const AgentName& agent) {
  auto& peer = peers_[agent];
  if (peer) return peer;
  peer = std::make_shared<AgentPeer>(context_, agent);
  tasks_.spawn("speak", peer->speak());
  tasks_.spawn("lease", peer->keep_lease());
  return peer;
}

asio::awaitable<Result<>> Gateway::enter(const std::string& id, Session session,
                                         std::shared_ptr<net::WebSocket> socket) {
  const auto agent = session.agent;
  const auto connected = co_await context_.desk.presence().renew(agent, id);
  if (!connected) co_return std::unexpected(connected.error());
  peer_of(agent)->add(id, std::move(session), std::move(socket));
  co_return Result<>();
}

void Gateway::leave(const std::string& id, const AgentName& agent) {
  const auto found = peers_.find(agent);
  if (found != peers_.end()) {
    found->second->remove(id);
    if (found->second->empty()) {
      found->second->finish();
      peers_.erase(found);
    }
  }
  goodbyes_.spawn("gone", say_gone(agent, id));
}

asio::awaitable<void> Gateway::say_gone(AgentName agent, std::string id) {
  // When the store cannot be told, the lease runs out by itself.
  const auto told = co_await context_.desk.presence().socket_gone(agent, std::move(id));
  if (!told) spdlog::warn("agent.goodbye_failed agent={} error=\"{}\"", agent.str(), told.error().message);
}

void Gateway::declined(const AgentName& agent, const std::string& offer, const std::string& id) {
  if (auto* peer = find(agent)) peer->note_decline(offer, id);
}

std::string Gateway::shown(const AgentName& agent, const std::string& id, const std::string& conversation) const {
  const auto found = peers_.find(agent);
  return found == peers_.end() ? std::string() : found->second->shown(id, conversation);
}

AgentPeer* Gateway::find(const AgentName& agent) {
  const auto found = peers_.find(agent);
  return found == peers_.end() ? nullptr : found->second.get();
}

void Gateway::each(const std::function<void(AgentPeer&)>& visit) {
  for (const auto& [name, peer] : peers_) visit(*peer);
}

void Gateway::resync() {
  for (const auto& [name, peer] : peers_) {
    tasks_.spawn("renew", renew(peer));
  }
}

asio::awaitable<void> Gateway::renew(std::shared_ptr<AgentPeer> peer) {
  co_await peer->renew_now();
  peer->resync();
}

void Gateway::reconfigure() {
  const auto config = context_.config();
  for (const auto& [name, peer] : peers_) {
    if (!config->agents.contains(name)) peer->close(1008, "you are no longer in the configuration");
  }
}

asio::awaitable<Result<>> joined(TaskGroup& group) {
  co_await group.join();
  co_return Result<>();
}

asio::awaitable<void> Gateway::stop() {
  events_.stop();
  co_await tasks_.stop();
  const auto said = co_await with_deadline(kGoodbye, joined(goodbyes_));
  if (!said) spdlog::warn("agent.goodbyes_cut left={}", goodbyes_.size());
  co_await goodbyes_.stop();
}

std::size_t Gateway::sockets() const {
  std::size_t count = 0;
  for (const auto& [name, peer] : peers_) count += peer->size();
  return count;
}

}  // namespace

std::unique_ptr<AgentGateway> create_agent_gateway(GatewayDependencies dependencies) {
  return std::make_unique<Gateway>(std::move(dependencies));
}

}  // namespace peyk::daemon
