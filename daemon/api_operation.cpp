#include "daemon/api_operation.h"

#include <functional>

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include "base/json_input.h"
#include "daemon/api_request.h"
#include "daemon/permissions.h"

namespace peyk::daemon {
namespace {

namespace json = boost::json;

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

}  // namespace

void OperationApi::attach(net::Routes& routes, LoginGuard& guard) {
  const auto add = [&](net::Method method, std::string pattern, auto handler) {
    guard.add(routes, method, std::move(pattern), std::bind_front(handler, this));
  };
  add(net::Method::get, "/api/v1/audit", &OperationApi::audit);
  add(net::Method::post, "/api/v1/audit", &OperationApi::audit);
  add(net::Method::post, "/api/v1/reload", &OperationApi::reload);
  add(net::Method::post, "/api/v1/route", &OperationApi::route);
}

asio::awaitable<Answer> OperationApi::audit(Caller caller, net::Request request) {
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
  co_return net::Response::json(200, std::move(*findings));
}

asio::awaitable<Answer> OperationApi::reload(Caller caller, net::Request) {
  if (auto allowed = permit(caller, Action::reload); !allowed) co_return std::unexpected(allowed.error());
  const auto report = co_await reload_();
  if (!report) co_return std::unexpected(report.error());
  co_return net::Response::json(200, json::object{{"config_version", report->config_version},
                                                  {"needs_restart", json::value_from(report->needs_restart)},
                                                  {"warnings", json::value_from(report->warnings)}});
}

asio::awaitable<Answer> OperationApi::route(Caller caller, net::Request request) {
  if (auto allowed = permit(caller, Action::rules); !allowed) co_return std::unexpected(allowed.error());
  auto fields = body_fields(request);
  if (!fields) co_return std::unexpected(fields.error());
  JsonInput input(std::move(*fields));
  const auto question = read_question(input);
  if (auto finished = input.finish(); !finished) co_return std::unexpected(finished.error());
  auto answer = desk_.preview(question);
  if (!answer) co_return std::unexpected(answer.error());
  co_return net::Response::json(200, std::move(*answer));
}

}  // namespace peyk::daemon
