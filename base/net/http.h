// HTTP as our handlers see it. Beast stays behind http_server.cpp and http_client.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include "base/error.h"

namespace peyk::net {

namespace asio = boost::asio;

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

/// Header names compare without case; several fields of one name are kept in order.
class Headers {
 public:
  void add(std::string name, std::string value);
  void set(std::string name, std::string value);  // replaces all of that name
  /// The first field of that name; empty when there is none.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  Method method = Method::get;
  std::string target;                           // as sent: "/form/contact?x=1"
  std::string path;                             // percent-decoded: "/form/contact"
  std::map<std::string, std::string> query;     // decoded; the last of equal names
  std::map<std::string, std::string> captures;  // from the route: {"channel": "contact"}
  Headers headers;
  std::string body;
  std::string peer;  // address of the client; behind a trusted proxy the one it forwarded
  bool secure = false;

  std::string_view capture(const std::string& name) const;
  /// Of "Authorization: Bearer TOKEN" (RFC 6750, section 2.1); empty when there is none.
  std::string bearer_token() const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  static Response json(int status, const boost::json::value& body);
  static Response text(int status, std::string body, std::string type = "text/plain; charset=utf-8");
  static Response html(int status, std::string body);
  /// application/problem+json (RFC 9457); `errors` when the error names fields; `Retry-After` on 429 and 503.
  static Response problem(const Error& error);
  /// The same for what HTTP itself refuses, before any handler: type about:blank.
  static Response problem(int status, std::string detail);
  static Response empty(int status);
};

/// The status that answers an error of ours.
int status_of(ErrorCode code);

using Handler = std::function<asio::awaitable<Response>(Request)>;

/// Asked when a request's head is there: how many bytes of body it may have, or the answer that refuses it unread.
using BodyRule = std::function<std::expected<std::size_t, Response>(const Request&)>;

/// Asked after it of a request with a body, of which nothing has been taken yet: the answer that refuses it unread, or
/// none. The request stays until it has said so; the time that takes is not the client's.
using Admission = std::function<asio::awaitable<std::optional<Response>>(const Request&)>;

class WebSocket;
/// Runs one accepted WebSocket to its end. The socket is closed when it returns.
using WebSocketHandler = std::function<asio::awaitable<void>(std::shared_ptr<WebSocket>, Request)>;
/// Before the handshake: an error refuses it with that status.
using WebSocketGuard = std::function<Result<>(const Request&)>;

/// What a WebSocket route accepts.
struct WebSocketRoute {
  std::string subprotocol;            // must be offered by the client
  std::size_t frame_limit = 1 << 20;  // bytes a message; a larger one closes with 1009
  WebSocketGuard guard;
  WebSocketHandler handler;
};

/// One routing table for everything that answers HTTP: channels and daemon register, daemon/ composes. A pattern is
/// a path with captures: "/form/{channel}"; a literal segment goes before a capture. A path that is known under other
/// methods answers 405 with `Allow`; HEAD goes to GET's handler. A route registered twice throws.
class Routes {
 public:
  /// `body_limit`: bytes; a longer body is answered 413 without being read on. 0: the server's default.
  void add(Method method, std::string pattern, Handler handler, std::size_t body_limit = 0);
  /// For a limit that depends on the request; never above the server's default.
  void add(Method method, std::string pattern, Handler handler, BodyRule body_rule, Admission admission = {});
  void add_websocket(std::string pattern, WebSocketRoute route);

  struct Entry {
    Method method = Method::get;
    std::vector<std::string> segments;  // "{x}" for captures
    std::size_t body_limit = 0;
    Handler handler;
    std::shared_ptr<const WebSocketRoute> websocket;  // set on WebSocket routes
    BodyRule body_rule{};                             // instead of body_limit, where set
    Admission admission{};                            // everybody's, where not set
  };
  struct Match {
    const Entry* entry = nullptr;
    std::map<std::string, std::string> captures;
    std::vector<Method> allowed;    // the methods of that path when none matched
    bool upgrade_required = false;  // nothing but a WebSocket is there
  };
  /// `path` decoded segment by segment, so that an encoded slash stays inside its segment.
  Match match(Method method, std::string_view raw_path, bool upgrade) const;

 private:
  void insert(Entry entry, std::string_view pattern);

  std::vector<Entry> entries_;  // more specific ones first
};

}  // namespace peyk::net
