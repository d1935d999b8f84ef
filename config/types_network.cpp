// Types of where things are: addresses, URLs, files, time zones.
#include <arpa/inet.h>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include "config/types.h"
#include "config/url.h"

namespace peyk::config {
namespace {

/// A scalar that `accept` turns into a value, or refuses by giving none; the message then names `expected`.
template <typename V>
Type<V> scalar_type(std::string name, std::string expected, std::function<std::optional<V>(const std::string&)> accept,
                    std::function<std::string(const V&)> show) {
  Type<V> type;
  type.name = std::move(name);
  type.read = [expected = std::move(expected), accept = std::move(accept)](Context& context,
                                                                           const Node& node) -> std::optional<V> {
    const auto* given = scalar(context, node, expected);
    if (given == nullptr) return std::nullopt;
    auto value = accept(*given);
    if (!value) context.error(node.mark, fmt::format("\"{}\" is not {}", given->substr(0, 100), expected));
    return value;
  };
  type.show = std::move(show);
  return type;
}

Type<std::string> string_type(std::string name, std::string expected,
                              std::function<std::optional<std::string>(const std::string&)> accept) {
  return scalar_type<std::string>(std::move(name), std::move(expected), std::move(accept),
                                  [](const std::string& value) { return value; });
}

bool is_ip(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::optional<std::string> accept_listen(const std::string& given) {
  const auto split = split_host_port(given);
  if (!split || !split->port || !is_ip(split->host)) return std::nullopt;
  return given;
}

std::optional<std::string> accept_network(const std::string& given) {
  const auto slash = given.find('/');
  const auto host = given.substr(0, slash);
  if (!is_ip(host)) return std::nullopt;
  if (slash == std::string::npos) return given;
  int bits = -1;
  const auto* end = given.data() + given.size();
  const auto [stop, failed] = std::from_chars(given.data() + slash + 1, end, bits);
  const int most = host.find(':') == std::string::npos ? 32 : 128;
  if (failed != std::errc() || stop != end || bits < 0 || bits > most) return std::nullopt;
  return given;
}

std::optional<SocketAddress> accept_socket(const std::string& given) {
  SocketAddress address;
  if (given.starts_with("unix:")) {
    address.unix_path = given.substr(5);
    // sockaddr_un holds 108 bytes with the closing zero.
    if (!address.unix_path.starts_with('/') || address.unix_path.size() > 107) return std::nullopt;
    return address;
  }
  if (!given.starts_with("tcp:")) return std::nullopt;
  const auto split = split_host_port(std::string_view(given).substr(4));
  if (!split || !split->port || !is_ip(split->host)) return std::nullopt;
  address.host = split->host;
  address.port = *split->port;
  return address;
}

std::optional<std::string> accept_origin(const std::string& given) {
  auto url = parse_url(given);
  const bool web = url && (url->scheme == "https" || url->scheme == "http");
  if (!web || url->host.empty() || !url->user.empty() || !url->path.empty()) return std::nullopt;
  std::string lower = given;
  for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::optional<std::string> accept_public_url(const std::string& given) {
  const auto url = parse_url(given);
  const bool web = url && (url->scheme == "https" || url->scheme == "http");
  if (!web || url->host.empty() || !url->user.empty() || given.find_first_of("?#") != std::string::npos) {
    return std::nullopt;
  }
  return given.ends_with('/') ? given.substr(0, given.size() - 1) : given;
}

std::optional<std::string> accept_email(const std::string& given) {
  const auto at = given.rfind('@');
  if (at == std::string::npos || at == 0 || at > 64 || at + 1 >= given.size() || given.size() > 254)
    return std::nullopt;
  const bool plain = std::all_of(given.begin(), given.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != '<' && c != '>' && c != '"' && c != ',' && c != ';';
  });
  if (!plain || given.find('@') != at) return std::nullopt;
  return given;
}

std::optional<std::string> accept_timezone(const std::string& given) {
  const std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(given)));
  if (*zone == icu::TimeZone::getUnknown()) return std::nullopt;
  return given;
}

}  // namespace

std::string to_string(const SocketAddress& address) {
  if (!address.unix_path.empty()) return "unix:" + address.unix_path;
  const bool six = address.host.find(':') != std::string::npos;
  return fmt::format("tcp:{}{}{}:{}", six ? "[" : "", address.host, six ? "]" : "", address.port);
}

Type<std::string> listen_address() {
  return string_type("`ADDRESS:PORT`", "an address and port such as 127.0.0.1:8080 or [::1]:8080", accept_listen);
}

Type<std::string> network() {
  return string_type("IP address or network", "an address or network such as 127.0.0.1 or 10.0.0.0/8", accept_network);
}

Type<SocketAddress> socket_address() {
  return scalar_type<SocketAddress>("`tcp:ADDRESS:PORT` \\| `unix:PATH`",
                                    "an address such as tcp:127.0.0.1:2424 or unix:/run/peyk/lmtp", accept_socket,
                                    [](const SocketAddress& value) { return to_string(value); });
}

Type<std::string> origin() {
  return string_type("origin", "an origin such as https://shop.example (scheme, host and port, nothing else)",
                     accept_origin);
}

Type<std::string> public_url() {
  return string_type("URL", "a URL such as https://support.example", accept_public_url);
}

Type<std::string> email_address() {
  return string_type("mail address", "a mail address such as support@shop.example", accept_email);
}

Type<std::string> timezone() {
  return string_type("time zone", "a time zone such as Asia/Tehran", accept_timezone);
}

Type<std::string> file_path() {
  return string_type("path", "a path", [](const std::string& given) -> std::optional<std::string> {
    if (given.empty() || given.size() > 4000) return std::nullopt;
    return given;
  });
}

Type<Secret> secret_file() {
  Type<Secret> type;
  type.name = "file with a secret";
  type.read = [](Context& context, const Node& node) -> std::optional<Secret> {
    const auto* given = scalar(context, node, "the name of a file");
    if (given == nullptr) return std::nullopt;
    if (!given->empty() && given->size() < 1000) return context.read_secret(node.mark, *given);
    context.error(node.mark, "expected the name of a file");
    return std::nullopt;
  };
  return type;
}

}  // namespace peyk::config
