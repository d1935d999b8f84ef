// REST handlers behind the login.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"
#include "daemon/permissions.h"
#include "daemon/sessions.h"

namespace peyk::daemon {

namespace asio = boost::asio;

/// What a handler behind the login returns; an error is answered as problem+json.
using Answer = Result<net::Response>;
using GuardedHandler = std::function<asio::awaitable<Answer>(Caller, net::Request)>;
/// How many bytes a file may have now.
using FileLimit = std::function<std::uint64_t()>;
/// Asked before a file is read: the answer that refuses it, or none.
using FileRefusal = std::function<std::optional<net::Response>(const Caller&, const net::Request&)>;

/// Finds out who calls, by the bearer token of his session. Must outlive the routes it was added to. One thread.
class LoginGuard {
 public:
  LoginGuard(Sessions& sessions, ConfigSource config) : sessions_(sessions), config_(std::move(config)) {}

  /// Adds a route that runs `handler` for who is logged in, and answers everybody else 401, whoever
  /// has no token before his body is read. No answer is cached.
  /// `body_limit`: bytes, never more than the server's.
  void add(net::Routes& routes, net::Method method, std::string pattern, GuardedHandler handler,
           std::size_t body_limit = std::size_t{1} << 20U);

  /// Adds a POST of a file, which is the body. Who is not logged in is answered 401 before it is read, also with a
  /// token; `too_large` as soon as it is known; whom `refuse` answers, unread.
  void add_upload(net::Routes& routes, std::string pattern, GuardedHandler handler, FileLimit most, FileRefusal refuse);

  /// An error as the answer it is, with the challenge that a 401 must carry (RFC 9110, section 15.5.2).
  static net::Response problem(const Error& error);

 private:
  asio::awaitable<net::Response> run(GuardedHandler handler, net::Request request);
  asio::awaitable<Result<Caller>> caller(std::string token);
  asio::awaitable<std::optional<net::Response>> refusal(const FileRefusal& refuse, const net::Request& request);

  Sessions& sessions_;
  ConfigSource config_;
};

}  // namespace peyk::daemon
