// Whose word about the client counts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/net/http.h"

namespace peyk::net {

/// Addresses and networks ("127.0.0.1", "10.0.0.0/8", "::1") whose X-Forwarded-For and -Proto are believed.
class TrustedProxies {
 public:
  /// Throws, naming it, on one that is neither address nor network.
  explicit TrustedProxies(const std::vector<std::string>& addresses);

  bool trusts(const asio::ip::address& address) const;

  /// Sets `peer` and `secure` of a request that came from `address`: the last forwarded address that is no trusted
  /// proxy itself, and the last forwarded protocol.
  void apply(const asio::ip::address& address, Request& request) const;

 private:
  struct Network {
    asio::ip::address_v6 base;  // IPv4 as mapped addresses
    unsigned prefix = 128;
  };
  std::vector<Network> networks_;
};

}  // namespace peyk::net
