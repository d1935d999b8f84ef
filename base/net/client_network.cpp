#include "base/net/client_network.h"

#include <algorithm>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

namespace peyk::net {

namespace ip = boost::asio::ip;

std::string client_network(const ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const auto wide = address.to_v6();
  if (wide.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, wide).to_string();
  auto bytes = wide.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return ip::address_v6(bytes).to_string() + "/64";
}

std::string client_network(std::string_view peer) {
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(peer), error);
  return error ? std::string(peer) : client_network(address);
}

}  // namespace peyk::net
