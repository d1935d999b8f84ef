#include "base/net/proxies.h"

#include <algorithm>
#include <charconv>
#include <ranges>
#include <stdexcept>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace peyk::net {
namespace {

using asio::ip::address;
using asio::ip::address_v6;

address_v6 widen(const address& from) {
  return from.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, from.to_v4()) : from.to_v6();
}

/// As people write it: an IPv4 address that came in over an IPv6 socket without its "::ffff:".
std::string show(const address& from) {
  if (from.is_v6() && from.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, from.to_v6()).to_string();
  }
  return from.to_string();
}

bool equal_bits(const address_v6& left, const address_v6& right, unsigned bits) {
  const auto one = left.to_bytes();
  const auto other = right.to_bytes();
  for (std::size_t at = 0; at < one.size() && bits > 0; ++at) {
    const unsigned used = std::min(bits, 8U);
    const unsigned mask = 0xFFU & (0xFFU << (8U - used));
    if ((one[at] & mask) != (other[at] & mask)) return false;
    bits -= used;
  }
  return true;
}

std::string_view last_of_list(std::string_view list) {
  return trim(list.substr(list.rfind(',') + 1));
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& addresses) {
  for (const auto& text : addresses) {
    const auto slash = text.find('/');
    boost::system::error_code error;
    const auto base = asio::ip::make_address(text.substr(0, slash), error);
    const unsigned most = base.is_v4() ? 32 : 128;
    unsigned prefix = most;
    if (!error && slash != std::string::npos) {
      const auto* end = text.data() + text.size();
      const auto [stop, failed] = std::from_chars(text.data() + slash + 1, end, prefix);
      if (failed != std::errc() || stop != end || prefix > most) error = asio::error::invalid_argument;
    }
    if (error) throw std::invalid_argument(fmt::format("trusted proxy \"{}\" is neither address nor network", text));
    networks_.push_back({widen(base), prefix + (128 - most)});
  }
}

bool TrustedProxies::trusts(const address& from) const {
  if (networks_.empty()) return false;
  const auto wide = widen(from);
  return std::ranges::any_of(
      networks_, [&wide](const Network& network) { return equal_bits(network.base, wide, network.prefix); });
}

void TrustedProxies::apply(const address& from, Request& request) const {
  request.peer = show(from);
  if (!trusts(from)) return;
  bool found = false;
  bool found_scheme = false;
  // Several fields of one name are one list (RFC 9110, 5.3).
  for (const auto& [name, value] : request.headers.all() | std::views::reverse) {
    if (ascii_iequals(name, "x-forwarded-proto") && !found_scheme) {
      found_scheme = true;
      request.secure = ascii_iequals(last_of_list(value), "https");
    }
    if (!ascii_iequals(name, "x-forwarded-for") || found) continue;
    auto hops = split(value, ',');
    for (const auto hop : hops | std::views::reverse) {
      boost::system::error_code error;
      const auto forwarded = asio::ip::make_address(std::string(trim(hop)), error);
      found = error || !trusts(forwarded);
      if (!error) request.peer = show(forwarded);
      if (found) break;
    }
  }
}

}  // namespace peyk::net
