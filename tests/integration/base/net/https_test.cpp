// HTTPS and WebSockets over TLS against a server whose certificate is right, or another's.
#include <cstdlib>

#include <doctest/doctest.h>

#include "base/net/http_client.h"
#include "base/net/http_server.h"
#include "tests/support/loop.h"
#include "tests/support/tls_files.h"
#include "tests/support/tls_front.h"

namespace peyk::net {
namespace {

using namespace std::chrono_literals;

asio::awaitable<Response> hello(Request request) {
  co_return Response::text(200, "hello " + std::string(request.headers.get("Host")));
}

asio::awaitable<void> echo(std::shared_ptr<WebSocket> socket, Request) {
  for (;;) {
    auto text = co_await socket->read();
    if (!text) co_return;
    socket->send(std::move(*text));
  }
}

/// A server behind TLS whose authority is, or is not, one of the system's.
struct Fixture {
  explicit Fixture(bool trusted, const std::string& names = "DNS:localhost") : files(names) {
    setenv("SSL_CERT_FILE", trusted ? files.ca_file().c_str() : "/dev/null", 1);
    routes.add(Method::get, "/hello", hello);
    routes.add_websocket("/chat", {.subprotocol = "t.v1", .guard = {}, .handler = echo});
    HttpServerOptions options;
    options.listen = {"127.0.0.1:0"};
    server = create_http_server(loop.executor(), options, routes);
    server->start();
    front.emplace(loop.executor(), files.server_context(), server->ports().front());
  }
  ~Fixture() {
    unsetenv("SSL_CERT_FILE");
    loop.run(front->stop());
    loop.run(server->stop(1s));
  }

  Url url() const { return {"https", "localhost", std::to_string(front->port()), ""}; }

  Result<Response> get(std::string target) {
    Request request;
    request.target = std::move(target);
    return loop.run(fetch(url(), request, 5s));
  }

  test::Loop loop;
  test::TlsFiles files;
  Routes routes;
  std::unique_ptr<HttpServer> server;
  std::optional<test::TlsFront> front;
};

}  // namespace

TEST_CASE("the client speaks HTTPS with a server whose certificate is right") {
  Fixture fixture(true);
  const auto answer = fixture.get("/hello");
  REQUIRE(answer.has_value());
  CHECK(answer->body == "hello localhost:" + fixture.url().port);
}

TEST_CASE("an unknown authority or another host's certificate is refused in words") {
  Fixture unknown(false);
  const auto authority = unknown.get("/hello");
  REQUIRE_FALSE(authority.has_value());
  CHECK(authority.error().code == ErrorCode::unavailable);
  CHECK(authority.error().message.contains("certificate"));
  Fixture other(true, "DNS:other.example");
  const auto name = other.get("/hello");
  REQUIRE_FALSE(name.has_value());
  CHECK(name.error().message.contains("hostname mismatch"));
}

TEST_CASE("a WebSocket goes over TLS alike") {
  Fixture fixture(true);
  const auto socket = fixture.loop.run(connect_websocket(fixture.url(), "/chat", "t.v1", {}, 5s)).value();
  socket->send("سلام");
  CHECK(fixture.loop.run(socket->read()).value() == "سلام");
  socket->close(1000, "");
  Fixture unknown(false);
  CHECK_FALSE(unknown.loop.run(connect_websocket(unknown.url(), "/chat", "t.v1", {}, 5s)).has_value());
}

}  // namespace peyk::net
