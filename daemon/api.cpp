#include "daemon/api.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/json_input.h"
#include "base/text.h"
#include "daemon/api_attachments.h"
#include "daemon/detail.h"
#include "daemon/permissions.h"
#include "routing/json.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;
using Answer = Result<net::Response>;

constexpr std::size_t kBodyBytes = 1U << 20U;
constexpr TextRule kPasswordRule{1, 1024, false};

net::Response ok(json::value body) {
  return net::Response::json(200, body);
}

net::Response problem(const Error& error) {
  auto response = net::Response::problem(error);
  if (error.code == ErrorCode::unauthorized) response.headers.set("WWW-Authenticate", "Bearer realm=\"peyk\"");
  return response;
}

class DeskApi : public Api {
 public:
  explicit DeskApi(ApiDependencies dependencies)
      : desk_(dependencies.desk),
        sessions_(dependencies.sessions),
        commands_(dependencies.commands),
        config_(std::move(dependencies.config)),
        reload_(std::move(dependencies.reload)),
        attachments_(dependencies.desk, dependencies.uploads) {}

  void attach(net::Routes& routes) override;

 private:
  using Method = asio::awaitable<Answer> (DeskApi::*)(Caller, net::Request);

  /// Registers a handler behind the login.
  void add(net::Routes& routes, net::Method method, std::string pattern, Method handler,
           std::size_t limit = kBodyBytes);
  void add_session_routes(net::Routes& routes);
  void add_reading_routes(net::Routes& routes);
  void add_command_routes(net::Routes& routes);

  asio::awaitable<net::Response> guarded(Method handler, net::Request request);
  asio::awaitable<Result<Caller>> authenticate(net::Request request);

  asio::awaitable<net::Response> log_in(net::Request request);
  asio::awaitable<net::Response> log_out(net::Request request);

  asio::awaitable<Answer> me(Caller caller, net::Request request);
  asio::awaitable<Answer> queues(Caller caller, net::Request request);
  asio::awaitable<Answer> agents(Caller caller, net::Request request);
  asio::awaitable<Answer> conversations(Caller caller, net::Request request);
  asio::awaitable<Answer> conversation(Caller caller, net::Request request);
  asio::awaitable<Answer> explain(Caller caller, net::Request request);
  asio::awaitable<Answer> audit(Caller caller, net::Request request);
  asio::awaitable<Answer> route(Caller caller, net::Request request);
  asio::awaitable<Answer> reload(Caller caller, net::Request request);
  asio::awaitable<Answer> upload(Caller caller, net::Request request);
  asio::awaitable<Answer> download(Caller caller, net::Request request);

  asio::awaitable<Answer> on_conversation(Caller caller, net::Request request);
  asio::awaitable<Answer> contact(Caller caller, net::Request request);
  asio::awaitable<Answer> tag_contact(Caller caller, net::Request request);
  asio::awaitable<Answer> on_offer(Caller caller, net::Request request);
  asio::awaitable<Answer> set_presence(Caller caller, net::Request request);
  asio::awaitable<Answer> start(Caller caller, net::Request request);

  routing::Desk& desk_;
  Sessions& sessions_;
  Commands& commands_;
  ConfigSource config_;
  Reloader reload_;
  AttachmentApi attachments_;
};

/// The fields of a command's body; an empty body is an empty object.
Result<json::object> body_fields(const net::Request& request) {
  if (trim(request.body).empty()) return json::object();
  boost::system::error_code error;
  auto value = json::parse(request.body, error);
  if (error || !value.is_object()) return fail(ErrorCode::invalid, "the body is not a JSON object");
  return std::move(value.as_object());
}

void DeskApi::attach(net::Routes& routes) {
  add_session_routes(routes);
  add_reading_routes(routes);
  add_command_routes(routes);
}

void DeskApi::add(net::Routes& routes, net::Method method, std::string pattern, Method handler, std::size_t limit) {
  routes.add(
      method, std::move(pattern),
      [this, handler](net::Request request) { return guarded(handler, std::move(request)); }, limit);
}

void DeskApi::add_session_routes(net::Routes& routes) {
  const std::string path = "/api/v1/session";
  routes.add(net::Method::post, path, [this](net::Request request) { return log_in(std::move(request)); }, kBodyBytes);
  routes.add(net::Method::del, path, [this](net::Request request) { return log_out(std::move(request)); }, kBodyBytes);
}

void DeskApi::add_reading_routes(net::Routes& routes) {
  using net::Method;
  add(routes, Method::get, "/api/v1/me", &DeskApi::me);
  add(routes, Method::get, "/api/v1/queues", &DeskApi::queues);
  add(routes, Method::get, "/api/v1/agents", &DeskApi::agents);
  add(routes, Method::get, "/api/v1/conversations", &DeskApi::conversations);
  add(routes, Method::get, "/api/v1/conversations/{id}", &DeskApi::conversation);
  add(routes, Method::get, "/api/v1/conversations/{id}/explain", &DeskApi::explain);
  add(routes, Method::get, "/api/v1/contacts/{id}", &DeskApi::contact);
  add(routes, Method::get, "/api/v1/attachments/{id}", &DeskApi::download);
  add(routes, Method::get, "/api/v1/audit", &DeskApi::audit);
}

void DeskApi::add_command_routes(net::Routes& routes) {
  using net::Method;
  add(routes, Method::post, "/api/v1/conversations", &DeskApi::start);
  add(routes, Method::post, "/api/v1/conversations/{id}/{command}", &DeskApi::on_conversation);
  add(routes, Method::post, "/api/v1/contacts/{id}/tag", &DeskApi::tag_contact);
  add(routes, Method::post, "/api/v1/offers/{id}/{command}", &DeskApi::on_offer);
  add(routes, Method::post, "/api/v1/me/presence", &DeskApi::set_presence);
  add(routes, Method::post, "/api/v1/attachments", &DeskApi::upload, 0);
  add(routes, Method::post, "/api/v1/audit", &DeskApi::audit);
  add(routes, Method::post, "/api/v1/reload", &DeskApi::reload);
  add(routes, Method::post, "/api/v1/route", &DeskApi::route);
}

asio::awaitable<Result<Caller>> DeskApi::authenticate(net::Request request) {
  auto token = bearer_token(request);
  if (token.empty()) co_return fail(ErrorCode::unauthorized, "log in first: POST /api/v1/session");
  const auto session = co_await sessions_.find(std::move(token));
  if (!session) co_return std::unexpected(session.error());
  co_return caller_of(*config_(), session->agent);
}

asio::awaitable<net::Response> DeskApi::guarded(Method handler, net::Request request) {
  net::Request head;
  head.headers = request.headers;
  auto caller = co_await authenticate(std::move(head));
  if (!caller) co_return problem(caller.error());
  auto answer = co_await (this->*handler)(std::move(*caller), std::move(request));
  if (!answer) co_return problem(answer.error());
  answer->headers.set("Cache-Control", "no-store");
  co_return std::move(*answer);
}

asio::awaitable<net::Response> DeskApi::log_in(net::Request request) {
  auto input = JsonInput::parse(request.body);
  if (!input) co_return problem(input.error());
  AgentName agent(input->text("agent", kNameRule));
  // Not cleaned: a password is what was typed, to the byte.
  input->text("password", kPasswordRule);
  if (auto finished = input->finish(); !finished) co_return problem(finished.error());
  Secret password(json::value_to<std::string>(json::parse(request.body).at("password")));
  const auto opened = co_await sessions_.log_in(std::move(agent), std::move(password), request.peer);
  if (!opened) co_return problem(opened.error());
  auto response =
      net::Response::json(200, json::object{{"token", opened->token}, {"expires_at", to_rfc3339(opened->expires_at)}});
  response.headers.set("Cache-Control", "no-store");
  co_return response;
}

asio::awaitable<net::Response> DeskApi::log_out(net::Request request) {
  auto token = bearer_token(request);
  const auto session = co_await sessions_.find(token);
  if (!session) co_return problem(session.error());
  const auto ended = co_await sessions_.end(std::move(token));
  if (!ended) co_return problem(ended.error());
  spdlog::info("session.ended agent={}", session->agent.str());
  co_return net::Response::empty(204);
}

/// Whom he turns to for help; null when the configuration names nobody.
json::value supervisor_of(const config::Config& config, const config::Agent& agent) {
  const auto found = agent.supervisor ? config.agents.find(*agent.supervisor) : config.agents.end();
  if (found == config.agents.end()) return nullptr;
  return json::object{{"agent", found->first.str()}, {"name", found->second.display_name}};
}

/// Who turns to him for help.
json::array team_of(const config::Config& config, const AgentName& supervisor) {
  json::array team;
  for (const auto& [name, agent] : config.agents) {
    if (agent.supervisor == supervisor) team.emplace_back(name.str());
  }
  return team;
}

asio::awaitable<Answer> DeskApi::me(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const auto view = co_await desk_.presence().view(caller.name);
  if (!view) co_return std::unexpected(view.error());
  const auto config = config_();
  auto body = routing::to_json(*view);
  body["agent"] = caller.name.str();
  body["role"] = to_string(caller.role);
  body["queues"] = routing::to_json_array(caller.queues);
  const auto agent = config->agents.find(caller.name);
  if (agent != config->agents.end()) {
    body["name"] = agent->second.display_name;
    body["email"] = agent->second.email;
    body["supervisor"] = supervisor_of(*config, agent->second);
  }
  body["team"] = team_of(*config, caller.name);
  co_return ok(std::move(body));
}

asio::awaitable<Answer> DeskApi::queues(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const auto views = co_await desk_.reader().queues();
  if (!views) co_return std::unexpected(views.error());
  json::array array;
  for (const auto& view : *views) {
    if (may_see_queue(caller, view.name)) array.emplace_back(routing::to_json(view));
  }
  co_return ok(json::object{{"queues", std::move(array)}});
}

asio::awaitable<Answer> DeskApi::agents(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const auto views = co_await desk_.reader().agents();
  if (!views) co_return std::unexpected(views.error());
  const auto config = config_();
  json::array array;
  for (const auto& view : *views) {
    auto shown = routing::to_json(view);
    const auto agent = config->agents.find(view.name);
    shown["display_name"] = agent == config->agents.end() ? view.name.str() : agent->second.display_name;
    shown["supervisor"] = agent == config->agents.end() ? json::value() : supervisor_of(*config, agent->second);
    if (caller.role == Role::agent && view.name != caller.name) {
      // Colleagues are there to be transferred to; what they have at hand is theirs.
      for (const auto* name : {"offers", "conversations", "reason"}) shown.erase(name);
    }
    array.emplace_back(std::move(shown));
  }
  co_return ok(json::object{{"agents", std::move(array)}});
}

Result<routing::ConversationFilter> filter_of(const net::Request& request) {
  auto known = only_parameters(request, {"state", "queue", "agent", "after", "limit"});
  if (!known) return std::unexpected(known.error());
  const auto value = [&request](const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  routing::ConversationFilter filter;
  if (const auto state = value("state"); !state.empty()) {
    filter.state = routing::parse<routing::State>(state);
    if (!filter.state) {
      return fail(ErrorCode::unprocessable, "unknown state",
                  {{"state", "must be waiting, offered, active, pending, snoozed, resolved or closed"}});
    }
  }
  filter.queue = QueueName(value("queue"));
  filter.agent = AgentName(value("agent"));
  filter.after = value("after");
  if (const auto limit = value("limit"); !limit.empty()) {
    const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), filter.limit);
    const bool whole = error == std::errc() && end == limit.data() + limit.size();
    if (!whole || filter.limit < 1 || filter.limit > 200) {
      return fail(ErrorCode::unprocessable, "limit must be 1 to 200", {{"limit", "must be 1 to 200"}});
    }
  }
  return filter;
}

asio::awaitable<Answer> DeskApi::conversations(Caller caller, net::Request request) {
  auto filter = filter_of(request);
  if (!filter) co_return std::unexpected(filter.error());
  limit_to_visible(caller, *filter);
  const auto page = co_await desk_.reader().conversations(std::move(*filter));
  if (!page) co_return std::unexpected(page.error());
  json::value next = page->next.empty() ? json::value(nullptr) : json::value(page->next);
  co_return ok(json::object{{"conversations", routing::to_json_array(page->conversations)}, {"next", std::move(next)}});
}

asio::awaitable<Answer> DeskApi::conversation(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  auto found = co_await desk_.reader().conversation(routing::ConversationId(std::string(request.capture("id"))));
  if (!found) co_return std::unexpected(found.error());
  if (auto allowed = permit(caller, Action::view, &*found); !allowed) co_return std::unexpected(allowed.error());
  auto detail = co_await load_detail(desk_.reader(), std::move(*found));
  if (!detail) co_return std::unexpected(detail.error());
  co_return ok(std::move(*detail));
}

asio::awaitable<Answer> DeskApi::explain(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  const routing::ConversationId id(std::string(request.capture("id")));
  const auto found = co_await desk_.reader().conversation(id);
  if (!found) co_return std::unexpected(found.error());
  if (auto allowed = permit(caller, Action::view, &*found); !allowed) co_return std::unexpected(allowed.error());
  auto explanation = co_await desk_.reader().explain(id);
  if (!explanation) co_return std::unexpected(explanation.error());
  co_return ok(std::move(*explanation));
}

routing::RouteQuestion read_question(JsonInput& input) {
  routing::RouteQuestion question;
  question.channel = ChannelName(input.text("channel", kNameRule));
  question.subject = input.optional_text("subject", {0, 1000, false}).value_or("");
  question.text = input.optional_text("text", {0, 100'000, true}).value_or("");
  question.sender = input.optional_text("sender", {0, 320, false}).value_or("");
  question.language = input.optional_text("language", {0, 10, false}).value_or("");
  question.fields = input.text_map("fields", {0, 10'000, true}, 100);
  question.contact_tags = input.texts("contact_tags", {1, 60, false}, 50);
  question.at = input.optional_time("at");
  return question;
}

asio::awaitable<Answer> DeskApi::audit(Caller caller, net::Request request) {
  if (auto allowed = permit(caller, Action::audit); !allowed) co_return std::unexpected(allowed.error());
  bool repair = false;
  if (request.method == net::Method::post) {
    auto fields = body_fields(request);
    if (!fields) co_return std::unexpected(fields.error());
    JsonInput input(std::move(*fields));
    repair = input.optional_flag("repair").value_or(false);
    if (auto finished = input.finish(); !finished) co_return std::unexpected(finished.error());
  }
  auto findings = co_await desk_.reader().audit(repair);
  if (!findings) co_return std::unexpected(findings.error());
  if (repair) spdlog::warn("audit.repaired by={}", caller.name.str());
  co_return ok(std::move(*findings));
}

asio::awaitable<Answer> DeskApi::route(Caller caller, net::Request request) {
  if (auto allowed = permit(caller, Action::rules); !allowed) co_return std::unexpected(allowed.error());
  auto fields = body_fields(request);
  if (!fields) co_return std::unexpected(fields.error());
  JsonInput input(std::move(*fields));
  const auto question = read_question(input);
  if (auto finished = input.finish(); !finished) co_return std::unexpected(finished.error());
  auto answer = desk_.preview(question);
  if (!answer) co_return std::unexpected(answer.error());
  co_return ok(std::move(*answer));
}

asio::awaitable<Answer> DeskApi::reload(Caller caller, net::Request) {
  if (auto allowed = permit(caller, Action::reload); !allowed) co_return std::unexpected(allowed.error());
  const auto report = co_await reload_();
  if (!report) co_return std::unexpected(report.error());
  co_return ok(json::object{{"config_version", report->config_version},
                            {"needs_restart", json::value_from(report->needs_restart)},
                            {"warnings", json::value_from(report->warnings)}});
}

asio::awaitable<Answer> DeskApi::upload(Caller caller, net::Request request) {
  return attachments_.upload(std::move(caller), std::move(request));
}

asio::awaitable<Answer> DeskApi::download(Caller caller, net::Request request) {
  return attachments_.download(std::move(caller), std::move(request));
}

asio::awaitable<Answer> DeskApi::on_conversation(Caller caller, net::Request request) {
  std::string command(request.capture("command"));
  static constexpr std::array kCommands{"reply",   "note",   "transfer", "resolve", "snooze",
                                        "pending", "typing", "read",     "tag"};
  if (std::ranges::find(kCommands, command) == kCommands.end()) {
    co_return fail(ErrorCode::not_found, "nothing is here: see /openapi.yaml for what there is");
  }
  auto fields = body_fields(request);
  if (!fields) co_return std::unexpected(fields.error());
  if (!fields->emplace("conversation", request.capture("id")).second) {
    co_return fail(ErrorCode::unprocessable, "the conversation is named by the path",
                   {{"conversation", "is not a field of this request"}});
  }
  auto done = co_await commands_.run(std::move(caller), std::move(command), std::move(*fields));
  if (!done) co_return std::unexpected(done.error());
  co_return ok(std::move(*done));
}

asio::awaitable<Answer> DeskApi::contact(Caller caller, net::Request request) {
  if (auto known = only_parameters(request, {}); !known) co_return std::unexpected(known.error());
  routing::ContactId id(std::string(request.capture("id")));
  const auto found = co_await permitted_contact(desk_.reader(), std::move(caller), std::move(id), Action::view);
  if (!found) co_return std::unexpected(found.error());
  auto body = routing::to_json(*found);
  body["conversations"] = routing::to_json_array(found->conversations);
  co_return ok(std::move(body));
}

asio::awaitable<Answer> DeskApi::tag_contact(Caller caller, net::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return std::unexpected(fields.error());
  if (fields->contains("conversation") || !fields->emplace("contact", request.capture("id")).second) {
    co_return fail(ErrorCode::unprocessable, "the contact is named by the path",
                   {{"contact", "is not a field of this request"}});
  }
  auto done = co_await commands_.run(std::move(caller), "tag", std::move(*fields));
  if (!done) co_return std::unexpected(done.error());
  co_return ok(std::move(*done));
}

asio::awaitable<Answer> DeskApi::on_offer(Caller caller, net::Request request) {
  std::string command(request.capture("command"));
  if (command != "accept" && command != "decline") {
    co_return fail(ErrorCode::not_found, "an offer can be accepted or declined");
  }
  auto fields = body_fields(request);
  if (!fields) co_return std::unexpected(fields.error());
  if (!fields->emplace("offer", request.capture("id")).second) {
    co_return fail(ErrorCode::unprocessable, "the offer is named by the path",
                   {{"offer", "is not a field of this request"}});
  }
  auto done = co_await commands_.run(std::move(caller), std::move(command), std::move(*fields));
  if (!done) co_return std::unexpected(done.error());
  co_return ok(std::move(*done));
}

asio::awaitable<Answer> DeskApi::set_presence(Caller caller, net::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return std::unexpected(fields.error());
  auto done = co_await commands_.run(std::move(caller), "presence", std::move(*fields));
  if (!done) co_return std::unexpected(done.error());
  co_return ok(std::move(*done));
}

asio::awaitable<Answer> DeskApi::start(Caller caller, net::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return std::unexpected(fields.error());
  auto done = co_await commands_.run(std::move(caller), "start", std::move(*fields));
  if (!done) co_return std::unexpected(done.error());
  co_return net::Response::json(201, std::move(*done));
}

}  // namespace

std::unique_ptr<Api> create_api(ApiDependencies dependencies) {
  return std::make_unique<DeskApi>(std::move(dependencies));
}

std::string bearer_token(const net::Request& request) {
  const auto value = request.headers.get("Authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size() || !ascii_iequals(value.substr(0, kScheme.size()), kScheme)) return {};
  return std::string(trim(value.substr(kScheme.size())));
}

Result<> only_parameters(const net::Request& request, std::initializer_list<std::string_view> known) {
  std::vector<FieldError> errors;
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(known, name) != known.end()) continue;
    errors.push_back({shorten(clean_line(name), 100), "is not a parameter of this request"});
  }
  if (errors.empty()) return {};
  return fail(ErrorCode::unprocessable, "unknown parameter", std::move(errors));
}

}  // namespace peyk::daemon
