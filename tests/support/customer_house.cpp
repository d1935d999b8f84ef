#include "tests/support/customer_house.h"

#include <stdexcept>

#include "base/async/deadline.h"

namespace peyk::test {
namespace {

using namespace std::chrono_literals;

}  // namespace

CustomerHouse::CustomerHouse(Loop& loop, const RedisServer& redis, config::ConfigPtr config)
    : loop_(loop), desk_(loop, redis, config) {
  auto& desk = *desk_;
  channels_ = channels::create_channels({.executor = loop.executor(),
                                         .routes = routes_,
                                         .intake = desk.intake(),
                                         .reader = desk.reader(),
                                         .blobs = desk.blobs(),
                                         .events = desk.events(),
                                         .signals = desk.signals(),
                                         .clock = system_clock(),
                                         .random = system_random(),
                                         .pool = pool_,
                                         .key = Secret("the same on all daemons of the desk"),
                                         .public_url = "https://support.kouh.example"},
                                        config);
  channels_->start();
  net::HttpServerOptions options;
  options.listen = {"127.0.0.1:0"};
  server_ = net::create_http_server(loop.executor(), options, routes_);
  server_->start();
  url_ = net::parse_url("http://127.0.0.1:" + std::to_string(server_->ports().front())).value();
}

CustomerHouse::~CustomerHouse() {
  loop_.run(server_->stop(2s));
  loop_.run(channels_->stop());
}

net::Response CustomerHouse::ask(net::Method method, const std::string& target, net::Headers headers,
                                 std::string body) {
  net::Request request;
  request.method = method;
  request.target = target;
  request.headers = std::move(headers);
  request.body = std::move(body);
  auto response = loop_.run(net::fetch(url_, std::move(request), 10s));
  if (!response) throw std::runtime_error(response.error().message);
  return std::move(*response);
}

net::Response CustomerHouse::post_json(const std::string& target, std::string body, net::Headers headers) {
  headers.set("Content-Type", "application/json");
  return ask(net::Method::post, target, std::move(headers), std::move(body));
}

Result<std::shared_ptr<net::WebSocket>> CustomerHouse::try_connect(const std::string& channel, net::Headers headers) {
  return loop_.run(net::connect_websocket(url_, "/chat/" + channel, "peyk.chat.v1", std::move(headers), 5s));
}

std::shared_ptr<net::WebSocket> CustomerHouse::connect() {
  auto socket = try_connect("site-chat", {});
  if (!socket) throw std::runtime_error(socket.error().message);
  return std::move(*socket);
}

std::shared_ptr<net::WebSocket> CustomerHouse::visit(boost::json::object& welcome, const std::string& token) {
  auto socket = connect();
  boost::json::object hello{{"type", "hello"}};
  if (!token.empty()) hello["visitor"] = token;
  socket->send(boost::json::serialize(hello));
  welcome = wait_for(*socket, "welcome");
  return socket;
}

asio::awaitable<boost::json::object> CustomerHouse::read_until(net::WebSocket& socket, std::string type) {
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  for (;;) {
    const auto left = deadline - std::chrono::steady_clock::now();
    const auto text = co_await with_deadline(left, socket.read());
    if (!text) co_return boost::json::object();
    auto frame = boost::json::parse(*text).as_object();
    if (frame.at("type").as_string() == boost::json::string_view(type.data(), type.size())) co_return frame;
  }
}

boost::json::object CustomerHouse::wait_for(net::WebSocket& socket, const std::string& type) {
  return loop_.run(read_until(socket, type));
}

routing::Actor CustomerHouse::actor(const std::string& agent) {
  return {routing::ActorKind::agent, AgentName(agent), AgentName(agent)};
}

routing::ConversationId CustomerHouse::accept(const std::string& agent) {
  std::string offer;
  desk_.until([&] {
    const auto view = loop_.run(desk_->presence().view(AgentName(agent)));
    if (view && !view->offers.empty()) offer = view->offers.back().str();
    return !offer.empty();
  });
  const auto accepted = loop_.run(desk_->work().accept(actor(agent), routing::OfferId(offer)));
  if (!accepted) throw std::runtime_error(accepted.error().message);
  return *accepted;
}

}  // namespace peyk::test
