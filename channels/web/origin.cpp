#include "channels/web/origin.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace peyk::channels {
namespace {

/// The part before the path of "scheme://authority/path".
std::string_view authority_of(std::string_view rest) {
  return rest.substr(0, rest.find_first_of("/?#"));
}

/// No name that somebody else could point here.
bool is_local_or_address(std::string_view host) {
  if (host.starts_with('[')) return true;
  const auto name = host.substr(0, host.find(':'));
  return name == "localhost" || (!name.empty() && name.find_first_not_of("0123456789.") == std::string_view::npos);
}

bool is_host_of(std::string_view origin, std::string_view host) {
  if (!is_local_or_address(host)) return false;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme) && origin == origin_of(std::string(scheme) + std::string(host))) return true;
  }
  return false;
}

}  // namespace

std::string origin_of(std::string_view url) {
  auto lower = ascii_lower(trim(url));
  const std::string_view text = lower;
  for (const auto& [scheme, port] : {std::pair<std::string_view, std::string_view>{"http://", ":80"},
                                     std::pair<std::string_view, std::string_view>{"https://", ":443"}}) {
    if (!text.starts_with(scheme)) continue;
    auto authority = authority_of(text.substr(scheme.size()));
    if (authority.ends_with(port)) authority.remove_suffix(port.size());
    const auto strange = [](char byte) { return byte <= ' ' || byte >= '\x7f' || std::strchr("@\\\"'<>", byte); };
    const bool plausible = !authority.empty() && std::ranges::none_of(authority, strange);
    return plausible ? std::string(scheme) + std::string(authority) : std::string();
  }
  return {};
}

OriginKind judge_origin(const net::Request& request, const std::vector<std::string>& listed,
                        std::string_view public_url) {
  if (!request.headers.has("Origin")) return OriginKind::none;
  const auto origin = origin_of(request.headers.get("Origin"));
  if (origin.empty()) return OriginKind::foreign;
  if (origin == origin_of(public_url)) return OriginKind::own;
  const auto same = [&origin](const std::string& other) { return origin_of(other) == origin; };
  if (std::ranges::any_of(listed, same)) return OriginKind::listed;
  return is_host_of(origin, ascii_lower(request.headers.get("Host"))) ? OriginKind::own : OriginKind::foreign;
}

void allow_origin(net::Response& response, const net::Request& request, OriginKind kind) {
  response.headers.add("Vary", "Origin");
  if (kind != OriginKind::listed) return;
  response.headers.set("Access-Control-Allow-Origin", std::string(request.headers.get("Origin")));
  response.headers.set("Access-Control-Expose-Headers", "Retry-After");
}

net::Response preflight(const net::Request& request, OriginKind kind, std::string_view methods,
                        std::string_view headers) {
  auto response = net::Response::empty(204);
  allow_origin(response, request, kind);
  if (kind != OriginKind::listed) return response;
  response.headers.set("Access-Control-Allow-Methods", std::string(methods));
  response.headers.set("Access-Control-Allow-Headers", std::string(headers));
  response.headers.set("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace peyk::channels
