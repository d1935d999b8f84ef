// URLs as far as the configuration needs them: no decoding, no query.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peyk::config {

struct HostPort {
  std::string host;  // without brackets
  std::optional<std::uint16_t> port;
};
/// "host", "host:25", "[::1]:25". None when the port is no number up to 65535 or the host is empty.
std::optional<HostPort> split_host_port(std::string_view text);

struct Url {
  std::string scheme;
  std::string user;  // what stands before "@"
  std::string host;
  std::optional<std::uint16_t> port;
  std::string path;  // from the first slash after the host on; "" when there is none
};
/// None when it has no "scheme://" or a wrong port. The host may be empty ("unix:///path").
std::optional<Url> parse_url(std::string_view text);

}  // namespace peyk::config
