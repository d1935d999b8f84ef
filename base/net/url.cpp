#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "base/net/http_client.h"
#include "base/text.h"
#include "base/uri.h"

namespace peyk::net {

Result<Url> parse_url(std::string_view text) {
  const auto refused = [text](std::string_view why) {
    return fail(ErrorCode::invalid, fmt::format("\"{}\" is no address such as https://host:443/path: {}",
                                                truncate_utf8(clean_line(text), 200), why));
  };
  const auto parsed = parse_uri_with_authority(trim(text));
  if (!parsed) return refused("malformed");
  const auto& uri = *parsed;
  Url url;
  url.scheme = ascii_lower(uri.scheme());
  if (url.scheme != "http" && url.scheme != "https") return refused("the scheme is neither http nor https");
  if (uri.has_userinfo()) return refused("a user's name and password do not belong here");
  if (uri.has_query() || uri.has_fragment()) return refused("? and # do not belong here");
  url.host = uri.host_address();
  if (url.host.empty()) return refused("the host is missing");
  url.port = uri.port();
  if (url.port.empty()) url.port = url.scheme == "https" ? "443" : "80";
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(url.port.data(), url.port.data() + url.port.size(), port);
  const bool whole = error == std::errc() && end == url.port.data() + url.port.size();
  if (!whole || port == 0) return refused("the port is not 1 to 65535");
  url.path = std::string(uri.encoded_path());
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

}  // namespace peyk::net
