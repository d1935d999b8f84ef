#include "config/url.h"

#include <algorithm>
#include <charconv>

namespace peyk::config {
namespace {

bool fits_host(std::string_view host, bool bracketed) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [bracketed](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || c == '.' || c == '-' || c == '_' || (bracketed && (c == ':' || c == '%'));
  });
}

}  // namespace

std::optional<HostPort> split_host_port(std::string_view text) {
  HostPort result;
  std::string_view rest;
  const bool bracketed = text.starts_with('[');
  if (bracketed) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    result.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else {
    const auto colon = text.find(':');
    result.host = text.substr(0, colon);
    if (colon != std::string_view::npos) rest = text.substr(colon);
  }
  if (!fits_host(result.host, bracketed)) return std::nullopt;
  if (rest.empty()) return result;
  std::uint16_t port = 0;
  const auto* end = rest.data() + rest.size();
  const auto [stop, failed] = std::from_chars(rest.data() + 1, end, port);
  if (rest.front() != ':' || failed != std::errc() || stop != end) return std::nullopt;
  result.port = port;
  return result;
}

std::optional<Url> parse_url(std::string_view text) {
  Url url;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  url.scheme = text.substr(0, colon);
  auto rest = text.substr(colon + 3);
  const auto slash = rest.find('/');
  if (slash != std::string_view::npos) url.path = rest.substr(slash);
  rest = rest.substr(0, slash);
  const auto at = rest.rfind('@');
  if (at != std::string_view::npos) {
    url.user = rest.substr(0, at);
    rest = rest.substr(at + 1);
  }
  if (rest.empty()) return url;
  const auto host = split_host_port(rest);
  if (!host) return std::nullopt;
  url.host = host->host;
  url.port = host->port;
  return url;
}

}  // namespace peyk::config
