// Which web pages may speak to a channel: the site's own and those its configuration lists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/net/http.h"

namespace peyk::channels {

/// "https://Kouh.Example:443/x" → "https://kouh.example": scheme, host and a port other than the scheme's own.
/// Empty when `url` is no http or https address ("null", an extension's).
std::string origin_of(std::string_view url);

enum class OriginKind : std::uint8_t {
  none,     // no Origin header: no browser, or a browser's plain page load
  own,      // this server's own page
  listed,   // in the channel's `origins`
  foreign,  // refused
};

/// `own` is `public_url`'s origin, or the request's own Host where that is an address or "localhost": behind a name,
/// another site's name may point to this very address.
OriginKind judge_origin(const net::Request& request, const std::vector<std::string>& listed,
                        std::string_view public_url);

/// Lets the page at a listed origin read `response`.
void allow_origin(net::Response& response, const net::Request& request, OriginKind kind);

/// The answer to a preflight (OPTIONS): `methods` and `headers` as CORS writes them.
net::Response preflight(const net::Request& request, OriginKind kind, std::string_view methods,
                        std::string_view headers);

}  // namespace peyk::channels
