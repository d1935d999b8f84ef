// The client's side of HTTP and WebSocket, for peykctl and tests.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"
#include "base/net/websocket.h"

namespace peyk::net {

/// A server's address: "http://127.0.0.1:8080" or "https://…".
struct Url {
  std::string scheme;
  std::string host;
  std::string port;
  std::string path;  // "" or "/…"
};
Result<Url> parse_url(std::string_view text);

/// One request on a connection of its own, `target` below the URL's path. `unavailable` when nobody answers;
/// HTTP statuses of 400 and more are responses, not errors.
asio::awaitable<Result<Response>> fetch(Url url, Request request, std::chrono::milliseconds limit);

/// Opens a WebSocket with that subprotocol. The socket pings and is closed like the server's.
asio::awaitable<Result<std::shared_ptr<WebSocket>>> connect_websocket(Url url, std::string target,
                                                                      std::string subprotocol, Headers headers,
                                                                      std::chrono::milliseconds limit);

}  // namespace peyk::net
