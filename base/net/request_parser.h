// Bytes of one connection in, requests out. No I/O, so that it is tested byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/net/http.h"

namespace peyk::net {

/// Stricter than HTTP allows where a proxy in front might read otherwise (request smuggling): one Content-Length of
/// digits alone, no Transfer-Encoding but "chunked", never both, exactly one Host, trailers dropped.
class RequestParser {
 public:
  enum class Step : std::uint8_t {
    head,       // more bytes of the head are needed
    head_done,  // set the body's limit, then feed on
    body,       // more bytes of the body are needed
    done,       // the request is whole
    failed,     // answer `failure()` and close
  };

  struct Failure {
    int status = 400;
    std::string detail;
  };

  virtual ~RequestParser() = default;

  /// Takes what it can off the front of `bytes`; the rest is to be fed again together with what follows.
  virtual Step feed(std::string_view& bytes) = 0;

  /// After `head_done`: a longer body fails with 413. False when the head has announced one already.
  virtual bool limit_body(std::size_t bytes) = 0;

  /// Forgets the request and begins with the next one.
  virtual void restart() = 0;

  /// Method, target, path, query and headers after the head; the body when done. May be moved from then.
  virtual Request& request() = 0;
  /// The path as sent, for the routing table; valid until `request()` is moved from.
  virtual std::string_view raw_path() const = 0;
  virtual const Failure& failure() const = 0;
  virtual bool keep_alive() const = 0;
  virtual bool http_1_1() const = 0;
  virtual bool has_body() const = 0;
  virtual bool expects_continue() const = 0;
  /// Asks for a WebSocket.
  virtual bool upgrade() const = 0;
};

/// `header_limit`: bytes of request line and headers; more fail with 431.
std::unique_ptr<RequestParser> create_request_parser(std::size_t header_limit);

}  // namespace peyk::net
