// What line_stream.cpp and line_listener.cpp share.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>

#include "base/net/line_stream.h"

namespace peyk::net {

/// TCP or Unix alike.
using LineSocket = asio::generic::stream_protocol::socket;

inline constexpr std::size_t kUnixPathLimit = 108;  // sockaddr_un, with its terminating zero

struct HostPort {
  std::string host;  // without the brackets of IPv6
  std::string port;
};

struct LineEndpoint {
  HostPort address;  // of "tcp:HOST:PORT"
  std::string path;  // of "unix:PATH"
};

Result<LineEndpoint> parse_line_endpoint(std::string_view text);

std::unique_ptr<LineStream> create_line_stream(LineSocket socket, std::string peer);

}  // namespace peyk::net
