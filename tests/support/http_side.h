// An HTTP server with a few routes, and clients beside it on one loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/async/event.h"
#include "base/net/http_client.h"
#include "base/net/http_server.h"
#include "tests/support/http_wire.h"
#include "tests/support/loop.h"

namespace peyk::test {

/// GET and POST /echo/{x}: path|capture|body|peer; POST /small: the same with a body of 10 bytes at most; POST
/// /ruled/{x}: with the body that its rule allows (small: 10, large: any, closed: 403); POST /guarded/{x}: with a body
/// of 1 MiB at most, of who is let in (stranger: 401, broken: throws, late: waits for `let_go` first); GET /throw,
/// /slow (waits for `let_go`), /large (8 MiB), /own (headers of the handler's own).
struct HttpSide {
  explicit HttpSide(net::HttpServerOptions options = {});
  ~HttpSide();
  HttpSide(const HttpSide&) = delete;
  HttpSide& operator=(const HttpSide&) = delete;

  Wire open();
  /// One request on a connection of its own.
  std::string ask(std::string request);
  net::Url url() const;
  /// Runs until a request for what is slow or late waits; throws when none comes.
  void wait_for_slow();
  /// Answers those that wait.
  void let_go() { released_.notify(); }

  Loop loop;
  net::Routes routes;
  std::unique_ptr<net::HttpServer> server;

 private:
  asio::awaitable<net::Response> slow();
  asio::awaitable<std::optional<net::Response>> let_in(std::string who);

  Event released_{loop.executor()};
  int slow_ = 0;  // that wait now
};

inline constexpr std::string_view kHost = "Host: x\r\n";

/// Requests as text; `headers` with their line ends.
std::string get(std::string_view path, std::string_view headers = "");
std::string post(std::string_view path, std::string_view body, std::string_view headers = "");

bool has_status(const std::string& answer, int status);

}  // namespace peyk::test
