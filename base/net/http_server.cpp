#include "base/net/http_server.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "base/log_gate.h"
#include "base/net/accept_error.h"
#include "base/net/client_network.h"
#include "base/net/endpoint.h"
#include "base/net/http_session.h"
#include "base/net/response_head.h"
#include "base/net/websocket_peer.h"

namespace peyk::net {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

class AsioHttpServer final : public HttpServer, private SessionHost {
 public:
  AsioHttpServer(asio::any_io_executor executor, HttpServerOptions options, const Routes& routes)
      : executor_(executor),
        listen_(options.listen),
        announced_(options.announced),
        routes_(routes),
        tasks_(executor, "http"),
        emptied_(executor) {
    reconfigure(std::move(options));
  }

  void start() override {
    for (const auto& text : listen_) acceptors_.push_back(listen_tcp(executor_, text));
    for (std::size_t at = 0; at < acceptors_.size(); ++at) {
      if (announced_) spdlog::info("http.listening address={}", show_endpoint(acceptors_[at].local_endpoint()));
      tasks_.spawn("accept", accept(acceptors_[at]));
    }
    tasks_.spawn("sweep", sweep());
  }

  std::vector<std::uint16_t> ports() const override {
    std::vector<std::uint16_t> ports;
    ports.reserve(acceptors_.size());
    for (const auto& acceptor : acceptors_) ports.push_back(acceptor.local_endpoint().port());
    return ports;
  }

  void reconfigure(HttpServerOptions options) override {
    rules_ = std::make_shared<const ConnectionRules>(
        ConnectionRules{options.limits, TrustedProxies(options.trusted_proxies), std::move(options.reserved_paths)});
  }

  asio::awaitable<void> stop(std::chrono::milliseconds patience) override {
    const auto until = std::chrono::steady_clock::now() + patience;
    stopping_ = true;
    for (auto& acceptor : acceptors_) acceptor.close();
    // A copy: what is told to finish may end at once and leave the set.
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end())) session->finish();
    for (const auto& socket : std::vector(sockets_.begin(), sockets_.end())) socket->close(1001, "the server stops");
    while (!sessions_.empty() || !sockets_.empty()) {
      const auto left = until - std::chrono::steady_clock::now();
      if (left <= std::chrono::milliseconds(0)) break;
      co_await emptied_.wait(left);
    }
    if (announced_) {
      spdlog::info("http.stopped cut_connections={} cut_websockets={}", sessions_.size(), sockets_.size());
    }
    for (const auto& session : std::vector(sessions_.begin(), sessions_.end())) session->cut();
    for (const auto& socket : std::vector(sockets_.begin(), sockets_.end())) socket->cut();
    co_await tasks_.stop();
  }

  HttpCounters counters() const override {
    auto counted = counters_;
    counted.connections = connections_;
    return counted;
  }

 private:
  const Routes& routes() const override { return routes_; }
  HttpCounters& tally() override { return counters_; }
  HeldBytes& bodies() override { return bodies_; }
  HeldBytes& answers() override { return answers_; }

  void body_refused(const HeldShare& share) override {
    ++counters_.bodies_refused;
    const auto suppressed = full_lines_.open(std::chrono::steady_clock::now());
    if (!suppressed) return;
    spdlog::warn("http.bodies_full network={} network_bytes={} all_bytes={} suppressed={}",
                 share.network().empty() ? "local" : share.network(), share.of_network(), bodies_.total, *suppressed);
  }

  void upgrade(Connected connection, Request request, std::shared_ptr<const WebSocketRoute> route) override {
    // A copy of the headers has no room to spare, and what goes on for hours keeps nothing twice.
    request.headers = Headers(request.headers);
    auto kept = std::make_unique<Request>(std::move(request));
    tasks_.spawn("websocket", run_websocket(std::move(connection), std::move(kept), std::move(route)));
  }

  asio::awaitable<void> accept(tcp::acceptor& acceptor) {
    while (!stopping_) {
      auto ended = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      const auto& error = std::get<0>(ended);
      if (stopping_) co_return;
      if (!error) {
        admit(std::move(std::get<1>(ended)));
      } else if (!is_transient(error)) {
        const bool waited = co_await wait_out("http.accept_paused", error);
        if (!waited) co_return;
      }
    }
  }

  void admit(tcp::socket socket) {
    const auto& limits = rules_->limits;
    const auto reserve = rules_->reserved_paths.empty() ? 0 : kReserve;
    const bool spare = connections_ >= limits.connections;
    auto network = counted_network(socket);
    if (connections_ >= limits.connections + reserve || has_its_share(network)) return refuse(std::move(socket));
    ConnectionSlot slot(connections_, by_network_, std::move(network));
    const auto session = create_http_session(Connected{std::move(socket), std::move(slot), rules_, spare}, *this);
    // At once, so that a stop finds it although its coroutine has not begun.
    sessions_.insert(session);
    tasks_.spawn("session", run_session(session));
  }

  /// Whose connections are counted together; empty: nobody's.
  std::string counted_network(const tcp::socket& socket) const {
    error_code error;
    const auto address = socket.remote_endpoint(error).address();
    if (error || rules_->limits.connections_per_address == 0 || rules_->proxies.trusts(address)) return {};
    auto network = client_network(address);
    const bool local = address.is_loopback() || network.starts_with("127.");
    return local && !rules_->limits.count_local ? std::string() : network;
  }

  bool has_its_share(const std::string& network) const {
    const auto found = by_network_.find(network);
    return found != by_network_.end() && found->second >= rules_->limits.connections_per_address;
  }

  /// One attempt to say why: nothing is kept for a connection beyond the limit.
  void refuse(tcp::socket socket) {
    ++counters_.refused;
    const auto response = Response::problem(503, "Too many connections; come again in a moment.");
    const auto text = response_head(response, Connection::close) + response.body;
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text), ignored);
    socket.shutdown(tcp::socket::shutdown_both, ignored);
  }

  asio::awaitable<void> run_session(std::shared_ptr<HttpSession> session) {
    const Registered registered(sessions_, session, emptied_);
    co_await session->run();
  }

  asio::awaitable<void> run_websocket(Connected connection, std::unique_ptr<Request> request,
                                      std::shared_ptr<const WebSocketRoute> route) {
    const auto slot = std::move(connection.slot);
    auto limits = limits_of(*connection.rules, *route);
    error_code ignored;
    limits.network = sharing_network(*connection.rules, connection.socket.remote_endpoint(ignored).address(), *request);
    auto accepted = co_await accept_websocket(std::move(connection.socket), *request, route->subprotocol, limits);
    if (!accepted) co_return;
    const auto socket = std::move(*accepted);
    const Registered registered(sockets_, socket, emptied_);
    if (stopping_) socket->close(1001, "the server stops");
    co_await call(*route, socket, std::move(request));
    socket->close(1000, "");
    co_await socket->ended();
  }

  WebSocketLimits limits_of(const ConnectionRules& rules, const WebSocketRoute& route) const {
    WebSocketLimits limits;
    limits.frame_bytes = route.frame_limit;
    limits.queue_bytes = rules.limits.websocket_queue_bytes;
    limits.silence = rules.limits.websocket_silence;
    limits.write_time = rules.limits.request_time;
    limits.unsent = unsent_;
    limits.unsent_bytes = rules.limits.websockets_bytes;
    return limits;
  }

  asio::awaitable<void> call(const WebSocketRoute& route, std::shared_ptr<WebSocketPeer> socket,
                             std::unique_ptr<Request> request) {
    try {
      auto running = route.handler(socket, std::move(*request));
      request.reset();
      co_await std::move(running);
    } catch (const std::exception& error) {
      if (is_abort(error)) throw;
      ++counters_.failed;
      spdlog::error("http.websocket_failed error=\"{}\"", error.what());
      socket->close(1011, "an internal error");
    }
  }

  /// Looks for late connections, at a quarter of the shortest deadline.
  asio::awaitable<void> sweep() {
    bool going_on = true;
    while (going_on) {
      const auto shortest = std::min(rules_->limits.request_time, rules_->limits.idle_time) / 4;
      going_on = co_await sleep_for(std::clamp(shortest, kShortestSweep, kLongestSweep));
      const auto now = std::chrono::steady_clock::now();
      for (const auto& session : sessions_) session->check(now);
      for (const auto& socket : sockets_) socket->check(now);
    }
  }

  /// In a set for as long as it runs.
  template <typename T>
  class Registered {
   public:
    Registered(std::unordered_set<std::shared_ptr<T>>& set, std::shared_ptr<T> member, Event& emptied)
        : set_(set), member_(std::move(member)), emptied_(emptied) {
      set_.insert(member_);
    }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;
    ~Registered() {
      set_.erase(member_);
      if (set_.empty()) emptied_.notify();
    }

   private:
    std::unordered_set<std::shared_ptr<T>>& set_;
    std::shared_ptr<T> member_;
    Event& emptied_;
  };

  static constexpr std::size_t kReserve = 32;
  static constexpr std::chrono::milliseconds kShortestSweep{10};
  static constexpr std::chrono::milliseconds kLongestSweep{500};

  asio::any_io_executor executor_;
  std::vector<std::string> listen_;
  bool announced_;
  const Routes& routes_;
  TaskGroup tasks_;
  Event emptied_;
  std::shared_ptr<const ConnectionRules> rules_;
  std::vector<tcp::acceptor> acceptors_;
  std::unordered_set<std::shared_ptr<HttpSession>> sessions_;
  std::unordered_set<std::shared_ptr<WebSocketPeer>> sockets_;
  HttpCounters counters_;
  std::size_t connections_ = 0;
  ConnectionCounts by_network_;
  HeldBytes bodies_;
  std::shared_ptr<HeldBytes> unsent_ = std::make_shared<HeldBytes>();  // by WebSockets, which may outlive the server
  HeldBytes answers_;
  LogGate full_lines_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<HttpServer> create_http_server(asio::any_io_executor executor, HttpServerOptions options,
                                               const Routes& routes) {
  return std::make_unique<AsioHttpServer>(std::move(executor), std::move(options), routes);
}

}  // namespace peyk::net
