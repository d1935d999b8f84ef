// Who counts as one client where shares and rates are kept.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace peyk::net {

/// An IPv4 address, or the /64 network of an IPv6 address: one household or machine is given all of it, and could
/// otherwise be a new client with every request. "192.0.2.1", "2001:db8:0:1::/64".
std::string client_network(const boost::asio::ip::address& address);

/// The same of an address in text (`Request::peer`); what is no address stays as it is.
std::string client_network(std::string_view peer);

}  // namespace peyk::net
