#include "tests/support/daemon_house.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/async/deadline.h"
#include "config/loader.h"

namespace peyk::test {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

// argon2id of "secret" at libsodium's least cost.
constexpr auto kHash =
    "$argon2id$v=19$m=8,t=1,p=1$/rFLSxci8x9BTta1hzGUCQ$AkWcCastPuJoWDPXCZIA+A0lRsji+DDpYqf4BeJJ2Uk\n";

constexpr auto kConfig = R"(version: 1
desk: test
state_dir: {folder}/state
redis: {redis}
http: {{listen: ["127.0.0.1:0"], public_url: "http://desk.test"}}
channels:
  contact-form: {{kind: form}}
skills: [cooling]
queues:
  service: {{promise: {{first_reply: 2m, resolve: 2d}}, offer: {{timeout: 30s}}}}
  billing: {{promise: {{first_reply: 2m, resolve: 2d}}}}
routes:
  - queue: service
agents:
  ani: {{name: Ani, email: ani@desk.test, password_hash_file: agent.hash, queues: [service], capacity: 5}}
  bela: {{name: Bela, email: bela@desk.test, password_hash_file: agent.hash, queues: [billing], capacity: 5}}
  mehri: {{name: Mehri, email: m@desk.test, password_hash_file: agent.hash, role: supervisor, queues: [billing], capacity: 5}}
  root: {{name: Root, email: r@desk.test, password_hash_file: agent.hash, role: admin, queues: [billing], capacity: 5}}
presence: {{lease: 5s, grace: 2s}}
)";

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

asio::awaitable<void> start_application(daemon::Application& application) {
  co_await application.start();
}

}  // namespace

DaemonHouse::DaemonHouse(Loop& loop, const std::string& redis) : loop_(loop) {
  write(folder_.path() / "agent.hash", kHash);
  write(config_file(), fmt::format(kConfig, fmt::arg("folder", folder_.path().string()), fmt::arg("redis", redis)));
}

DaemonHouse::~DaemonHouse() {
  if (running_) stop();
}

void DaemonHouse::edit(const std::string& from, const std::string& to) {
  auto text = read(config_file());
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("not in the configuration: " + from);
  write(config_file(), text.replace(at, from.size(), to));
}

void DaemonHouse::start() {
  daemon::Options options;
  options.config = config_file();
  auto loaded = config::load(options.config, {});
  if (!loaded.ok()) throw std::runtime_error(to_string(loaded.problems.front()));
  application_ = daemon::create_application(loop_.executor(), options, std::move(loaded));
  running_ = true;
  loop_.run(start_application(*application_));
}

void DaemonHouse::stop() {
  running_ = false;
  loop_.run(application_->stop());
}

net::Url DaemonHouse::url() const {
  return {"http", "127.0.0.1", std::to_string(application_->ports().at(0)), ""};
}

net::Response DaemonHouse::ask(net::Method method, const std::string& target, const std::string& body,
                               const std::string& token) {
  net::Request request;
  request.method = method;
  request.target = target;
  request.body = body;
  if (!body.empty()) request.headers.add("Content-Type", "application/json");
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  auto response = loop_.run(net::fetch(url(), std::move(request), 10s));
  if (!response) throw std::runtime_error(target + ": " + response.error().message);
  return std::move(*response);
}

net::Response DaemonHouse::form(const std::string& message) {
  return ask(net::Method::post, "/form/contact-form", json::serialize(json::object{{"message", message}}));
}

json::object DaemonHouse::json(const net::Response& response) {
  return json::parse(response.body).as_object();
}

std::string DaemonHouse::log_in(const std::string& agent) {
  const auto response = ask(net::Method::post, "/api/v1/session",
                            json::serialize(json::object{{"agent", agent}, {"password", "secret"}}));
  if (response.status != 200) throw std::runtime_error("log-in: " + response.body);
  return json::value_to<std::string>(json(response).at("token"));
}

net::Response DaemonHouse::wait_for_status(const std::string& target, int status) {
  net::Response response;
  const auto said = [&] {
    response = ask(net::Method::get, target);
    return response.status == status;
  };
  if (!loop_.eventually(said)) throw std::runtime_error(fmt::format("{} never said {}", target, status));
  return response;
}

bool DaemonHouse::wait_for_issue(const std::string& code, bool present) {
  return loop_.eventually([&] {
    const auto body = json(ask(net::Method::get, "/health"));
    bool found = false;
    for (const auto& issue : body.at("issues").as_array()) found = found || issue.at("code") == json::string(code);
    return found == present;
  });
}

std::shared_ptr<net::WebSocket> DaemonHouse::open(const std::string& token) {
  auto socket = loop_.run(net::connect_websocket(url(), "/api/v1/agent", "peyk.agent.v1", {}, 5s));
  if (!socket) throw std::runtime_error("agent's socket: " + socket.error().message);
  send(**socket, {{"type", "hello"}, {"token", token}});
  return *socket;
}

void DaemonHouse::send(net::WebSocket& socket, const json::object& frame) {
  socket.send(json::serialize(frame));
}

json::object DaemonHouse::next(net::WebSocket& socket, const std::string& type) {
  std::string seen;
  for (;;) {
    const auto text = loop_.run(with_deadline(10s, socket.read()));
    if (!text) throw std::runtime_error(fmt::format("no {} came ({}), but: {}", type, text.error().message, seen));
    auto frame = json::parse(*text).as_object();
    if (frame.at("type") == json::string(type)) return frame;
    seen += *text + " ";
  }
}

DaemonFixture::DaemonFixture(const std::string& timeout)
    : house(loop, fmt::format("{{url: \"{}\", timeout: {}}}", redis.url(), timeout)) {}

std::string DaemonFixture::text(const json::value& value) {
  return json::value_to<std::string>(value);
}

std::shared_ptr<net::WebSocket> DaemonFixture::available(const std::string& agent) {
  auto socket = house.open(house.log_in(agent));
  house.next(*socket, "welcome");
  house.send(*socket, {{"type", "presence"}, {"id", 1}, {"state", "available"}});
  const auto ok = house.next(*socket, "ok");
  if (ok.at("re") != 1) throw std::runtime_error("presence was answered by " + json::serialize(ok));
  return socket;
}

DaemonFixture::Taken DaemonFixture::take(net::WebSocket& socket) {
  auto offer = house.next(socket, "offer");
  house.send(socket, {{"type", "accept"}, {"id", "a"}, {"offer", offer.at("offer")}});
  auto detail = house.next(socket, "assigned").at("detail").as_object();
  return {std::move(offer), std::move(detail)};
}

net::Response DaemonFixture::reload() {
  return house.ask(net::Method::post, "/api/v1/reload", "", house.log_in("root"));
}

}  // namespace peyk::test
