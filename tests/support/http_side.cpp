#include "tests/support/http_side.h"

#include <stdexcept>

#include <fmt/format.h>

#include "base/async/deadline.h"

namespace peyk::test {

using namespace std::chrono_literals;
using net::HttpServerOptions;
using net::Method;
using net::Request;
using net::Response;

namespace {

asio::awaitable<Response> echo(Request request) {
  co_return Response::text(200,
                           fmt::format("{}|{}|{}|{}", request.path, request.capture("x"), request.body, request.peer));
}

asio::awaitable<Response> throwing(Request) {
  throw std::runtime_error("broken on purpose");
  co_return Response::empty(204);
}

asio::awaitable<Response> large(Request) {
  co_return Response::text(200, std::string(std::size_t{8} << 20U, 'x'));
}

asio::awaitable<Response> own_headers(Request) {
  auto response = Response::text(200, "own");
  response.headers.set("Cache-Control", "max-age=60");
  response.headers.set("X-Evil", "a\r\nSet-Cookie: b");
  response.headers.set("Content-Length", "1");
  co_return response;
}

}  // namespace

HttpSide::HttpSide(HttpServerOptions options) {
  routes.add(Method::get, "/echo/{x}", echo);
  routes.add(Method::post, "/echo/{x}", echo);
  routes.add(Method::post, "/small", echo, 10);
  routes.add(Method::post, "/ruled/{x}", echo, [](const Request& request) -> std::expected<std::size_t, Response> {
    if (request.capture("x") == "closed") return std::unexpected(Response::problem(403, "closed"));
    return request.capture("x") == "small" ? 10 : std::size_t{1} << 40U;
  });
  routes.add(
      Method::post, "/guarded/{x}", echo, [](const Request&) { return std::size_t{1} << 20U; },
      [this](const Request& request) { return let_in(std::string(request.capture("x"))); });
  routes.add(Method::get, "/throw", throwing);
  routes.add(Method::get, "/slow", [this](const Request&) { return slow(); });
  routes.add(Method::get, "/large", large);
  routes.add(Method::get, "/own", own_headers);
  options.listen = {"127.0.0.1:0"};
  server = create_http_server(loop.executor(), options, routes);
  server->start();
}

HttpSide::~HttpSide() {
  let_go();
  loop.run(server->stop(1s));
}

Wire HttpSide::open() {
  return loop.run(Wire::open(server->ports().front()));
}

std::string HttpSide::ask(std::string request) {
  auto wire = open();
  loop.run(wire.send(std::move(request)));
  return loop.run(wire.answer());
}

asio::awaitable<Response> HttpSide::slow() {
  ++slow_;
  co_await released_.wait();
  --slow_;
  co_return Response::text(200, "slow");
}

asio::awaitable<std::optional<Response>> HttpSide::let_in(std::string who) {
  co_await sleep_for(1ms);
  if (who == "late") co_await slow();
  if (who == "broken") throw std::runtime_error("broken on purpose");
  if (who == "stranger") co_return Response::problem(401, "nobody knows you");
  co_return std::nullopt;
}

void HttpSide::wait_for_slow() {
  if (!loop.eventually([this] { return slow_ > 0; })) throw std::runtime_error("no request for /slow came");
}

net::Url HttpSide::url() const {
  return {"http", "127.0.0.1", std::to_string(server->ports().front()), ""};
}

std::string get(std::string_view path, std::string_view headers) {
  return fmt::format("GET {} HTTP/1.1\r\n{}{}\r\n", path, kHost, headers);
}

std::string post(std::string_view path, std::string_view body, std::string_view headers) {
  return fmt::format("POST {} HTTP/1.1\r\n{}{}Content-Length: {}\r\n\r\n{}", path, kHost, headers, body.size(), body);
}

bool has_status(const std::string& answer, int status) {
  return answer.starts_with(fmt::format("HTTP/1.1 {} ", status));
}

}  // namespace peyk::test
