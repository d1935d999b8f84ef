#include "daemon/api.h"

#include <algorithm>
#include <array>
#include <functional>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/json_input.h"
#include "daemon/api_attachments.h"
#include "daemon/api_reading.h"
#include "daemon/api_request.h"
#include "daemon/login_guard.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

constexpr std::size_t kLogInBytes = 1U << 20U;
constexpr TextRule kPasswordRule{1, 1024, false};

class DeskApi : public Api {
 public:
  explicit DeskApi(ApiDependencies dependencies)
      : sessions_(dependencies.sessions),
        commands_(dependencies.commands),
        guard_(dependencies.sessions, dependencies.config),
        reading_(dependencies.desk, dependencies.config),
        operation_(dependencies.desk, std::move(dependencies.reload)),
        attachments_(dependencies.desk, dependencies.uploads, dependencies.clock, dependencies.config) {}

  void attach(net::Routes& routes) override;

 private:
  void attach_session(net::Routes& routes);
  void attach_commands(net::Routes& routes);

  asio::awaitable<net::Response> log_in(net::Request request);
  asio::awaitable<net::Response> log_out(net::Request request);

  asio::awaitable<Answer> on_conversation(Caller caller, net::Request request);
  asio::awaitable<Answer> on_contact(Caller caller, net::Request request);
  asio::awaitable<Answer> on_offer(Caller caller, net::Request request);
  asio::awaitable<Answer> set_presence(Caller caller, net::Request request);
  asio::awaitable<Answer> start(Caller caller, net::Request request);

  /// Runs a command of the desk with the fields of the body; `named` is the field that the path says.
  asio::awaitable<Answer> run(Caller caller, std::string command, net::Request request, std::string named = "");

  Sessions& sessions_;
  Commands& commands_;
  LoginGuard guard_;
  ReadingApi reading_;
  OperationApi operation_;
  AttachmentApi attachments_;
};

void DeskApi::attach(net::Routes& routes) {
  attach_session(routes);
  attach_commands(routes);
  reading_.attach(routes, guard_);
  operation_.attach(routes, guard_);
  attachments_.attach(routes, guard_);
}

void DeskApi::attach_session(net::Routes& routes) {
  const std::string path = "/api/v1/session";
  routes.add(net::Method::post, path, [this](net::Request request) { return log_in(std::move(request)); }, kLogInBytes);
  routes.add(net::Method::del, path, [this](net::Request request) { return log_out(std::move(request)); }, kLogInBytes);
}

void DeskApi::attach_commands(net::Routes& routes) {
  const auto post = [&](std::string pattern, auto method) {
    guard_.add(routes, net::Method::post, std::move(pattern), std::bind_front(method, this));
  };
  post("/api/v1/conversations", &DeskApi::start);
  post("/api/v1/conversations/{id}/{command}", &DeskApi::on_conversation);
  post("/api/v1/contacts/{id}/tag", &DeskApi::on_contact);
  post("/api/v1/offers/{id}/{command}", &DeskApi::on_offer);
  post("/api/v1/me/presence", &DeskApi::set_presence);
}

asio::awaitable<net::Response> DeskApi::log_in(net::Request request) {
  auto input = JsonInput::parse(request.body);
  if (!input) co_return LoginGuard::problem(input.error());
  AgentName agent(input->text("agent", kNameRule));
  // Not cleaned: a password is what was typed, to the byte.
  input->text("password", kPasswordRule);
  if (auto finished = input->finish(); !finished) co_return LoginGuard::problem(finished.error());
  Secret password(json::value_to<std::string>(json::parse(request.body).at("password")));
  const auto opened = co_await sessions_.log_in(std::move(agent), std::move(password), request.peer);
  if (!opened) co_return LoginGuard::problem(opened.error());
  auto response =
      net::Response::json(200, json::object{{"token", opened->token}, {"expires_at", to_rfc3339(opened->expires_at)}});
  response.headers.set("Cache-Control", "no-store");
  co_return response;
}

asio::awaitable<net::Response> DeskApi::log_out(net::Request request) {
  auto token = request.bearer_token();
  const auto session = co_await sessions_.find(token);
  if (!session) co_return LoginGuard::problem(session.error());
  const auto ended = co_await sessions_.end(std::move(token));
  if (!ended) co_return LoginGuard::problem(ended.error());
  spdlog::info("session.ended agent={}", session->agent.str());
  co_return net::Response::empty(204);
}

asio::awaitable<Answer> DeskApi::run(Caller caller, std::string command, net::Request request, std::string named) {
  auto fields = body_fields(request);
  if (!fields) co_return std::unexpected(fields.error());
  if (!named.empty() && !fields->emplace(named, request.capture("id")).second) {
    auto message = fmt::format("the {} is named by the path", named);
    co_return fail(ErrorCode::unprocessable, std::move(message),
                   {{std::move(named), "is not a field of this request"}});
  }
  auto done = co_await commands_.run(std::move(caller), std::move(command), std::move(*fields));
  if (!done) co_return std::unexpected(done.error());
  co_return net::Response::json(200, std::move(*done));
}

asio::awaitable<Answer> DeskApi::on_conversation(Caller caller, net::Request request) {
  std::string command(request.capture("command"));
  static constexpr std::array kCommands{"reply",   "note",   "transfer", "resolve", "snooze",
                                        "pending", "typing", "read",     "tag"};
  if (std::ranges::find(kCommands, command) == kCommands.end()) {
    co_return fail(ErrorCode::not_found, "nothing is here: see /openapi.yaml for what there is");
  }
  co_return co_await run(std::move(caller), std::move(command), std::move(request), "conversation");
}

asio::awaitable<Answer> DeskApi::on_contact(Caller caller, net::Request request) {
  // With both, `tag` asks for one of them.
  return run(std::move(caller), "tag", std::move(request), "contact");
}

asio::awaitable<Answer> DeskApi::on_offer(Caller caller, net::Request request) {
  std::string command(request.capture("command"));
  if (command != "accept" && command != "decline") {
    co_return fail(ErrorCode::not_found, "an offer can be accepted or declined");
  }
  co_return co_await run(std::move(caller), std::move(command), std::move(request), "offer");
}

asio::awaitable<Answer> DeskApi::set_presence(Caller caller, net::Request request) {
  return run(std::move(caller), "presence", std::move(request));
}

asio::awaitable<Answer> DeskApi::start(Caller caller, net::Request request) {
  auto answer = co_await run(std::move(caller), "start", std::move(request));
  if (answer) answer->status = 201;
  co_return answer;
}

}  // namespace

std::unique_ptr<Api> create_api(ApiDependencies dependencies) {
  return std::make_unique<DeskApi>(std::move(dependencies));
}

}  // namespace peyk::daemon
