// The HTTP front door: listens, parses within limits, finds the route, answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/net/http.h"

namespace peyk::net {

struct HttpLimits {
  std::size_t body_bytes = std::size_t{25} << 20U;
  // Of all requests under way, and an eighth of it for those of one IPv4 address or IPv6 /64; beyond it 503. Bodies up
  // to 64 KiB do not count.
  std::size_t bodies_bytes = std::size_t{512} << 20U;
  std::size_t answers_bytes = std::size_t{512} << 20U;  // of all large answers being written; beyond it 503
  std::size_t header_bytes = std::size_t{16} << 10U;
  // First byte of a request to its last, and writing the answer; more for what is large, a second for each 16 KiB that
  // has come or gone, as long as it does not stand still for all of this time. A body must keep to that pace to its
  // end.
  std::chrono::milliseconds request_time{30'000};
  std::chrono::milliseconds idle_time{60'000};  // between requests of one connection
  std::size_t connections = 20'000;             // more are answered 503 and closed
  std::size_t connections_per_address = 0;      // of one IPv4 address or IPv6 /64; 0: as many as there may be. Trusted
                                                // proxies and this machine itself have no such share
  bool count_local = false;                     // this machine's own addresses have one too
  std::chrono::milliseconds websocket_silence{40'000};        // pinged after half of it, closed after all of it
  std::size_t websocket_queue_bytes = std::size_t{1} << 20U;  // behind the frame being sent; past it, cut
  // Unsent by all WebSockets, and an eighth of it by those of one address, as with bodies; who goes past it is cut. So
  // is who, while something is to be sent to him, gets less than 16 KiB a second for all of `request_time`.
  std::size_t websockets_bytes = std::size_t{512} << 20U;
};

struct HttpServerOptions {
  std::vector<std::string> listen;           // "127.0.0.1:8080", "[::1]:0"
  std::vector<std::string> trusted_proxies;  // addresses whose X-Forwarded-For and -Proto count
  HttpLimits limits;
  std::vector<std::string> reserved_paths;  // answered even while all `connections` are taken: operators' own
  bool announced = true;                    // the log says where it listens
};

/// What the server counts, for metrics.
struct HttpCounters {
  std::size_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;         // over a limit of connections
  std::uint64_t failed = 0;          // answered 500: a handler threw
  std::uint64_t bodies_refused = 0;  // answered 503: no room for their bodies
};

/// One thread. Sessions end on their own errors alone; an accept error such as EMFILE is waited out.
class HttpServer {
 public:
  virtual ~HttpServer() = default;

  /// Binds and listens; throws, naming the address, when it cannot. Accepting begins.
  virtual void start() = 0;

  /// The ports bound, in the order of `listen` (port 0 asks the system for one).
  virtual std::vector<std::uint16_t> ports() const = 0;

  /// Replaces limits and proxies for connections to come.
  virtual void reconfigure(HttpServerOptions options) = 0;

  /// Stops accepting; idle connections are closed, requests under way get their answer (`Connection: close`),
  /// WebSockets a close frame 1001. What is left after `patience` is cut.
  virtual asio::awaitable<void> stop(std::chrono::milliseconds patience) = 0;

  virtual HttpCounters counters() const = 0;
};

/// `routes` is read on every request and must outlive the server.
std::unique_ptr<HttpServer> create_http_server(asio::any_io_executor executor, HttpServerOptions options,
                                               const Routes& routes);

}  // namespace peyk::net
