#include "daemon/login_guard.h"

#include "channels/attachments/file_size.h"

namespace peyk::daemon {
namespace {

Error nobody() {
  return {ErrorCode::unauthorized, "log in first: POST /api/v1/session", {}, {}};
}

}  // namespace

void LoginGuard::add(net::Routes& routes, net::Method method, std::string pattern, GuardedHandler handler,
                     std::size_t body_limit) {
  routes.add(
      method, std::move(pattern),
      [this, handler = std::move(handler)](net::Request request) { return run(handler, std::move(request)); },
      [body_limit](const net::Request& request) -> std::expected<std::size_t, net::Response> {
        if (request.bearer_token().empty()) return std::unexpected(problem(nobody()));
        return body_limit;
      });
}

void LoginGuard::add_upload(net::Routes& routes, std::string pattern, GuardedHandler handler, FileLimit most,
                            FileRefusal refuse) {
  routes.add(
      net::Method::post, std::move(pattern),
      [this, handler = std::move(handler)](net::Request request) { return run(handler, std::move(request)); },
      [most = std::move(most)](const net::Request& request) -> std::expected<std::size_t, net::Response> {
        if (request.bearer_token().empty()) return std::unexpected(problem(nobody()));
        const auto bytes = most();
        if (auto fits = channels::check_file_size(request, bytes); !fits) return std::unexpected(problem(fits.error()));
        return bytes;
      },
      [this, refuse = std::move(refuse)](const net::Request& request) { return refusal(refuse, request); });
}

asio::awaitable<Result<Caller>> LoginGuard::caller(std::string token) {
  if (token.empty()) co_return std::unexpected(nobody());
  const auto session = co_await sessions_.find(std::move(token));
  if (!session) co_return std::unexpected(session.error());
  co_return caller_of(*config_(), session->agent);
}

asio::awaitable<std::optional<net::Response>> LoginGuard::refusal(const FileRefusal& refuse,
                                                                  const net::Request& request) {
  const auto known = co_await caller(request.bearer_token());
  if (!known) co_return problem(known.error());
  auto refused = refuse(*known, request);
  if (refused) refused->headers.set("Cache-Control", "no-store");
  co_return refused;
}

asio::awaitable<net::Response> LoginGuard::run(GuardedHandler handler, net::Request request) {
  auto known = co_await caller(request.bearer_token());
  if (!known) co_return problem(known.error());
  auto answer = co_await handler(std::move(*known), std::move(request));
  if (!answer) co_return problem(answer.error());
  answer->headers.set("Cache-Control", "no-store");
  co_return std::move(*answer);
}

net::Response LoginGuard::problem(const Error& error) {
  auto response = net::Response::problem(error);
  if (error.code == ErrorCode::unauthorized) response.headers.set("WWW-Authenticate", "Bearer realm=\"peyk\"");
  return response;
}

}  // namespace peyk::daemon
