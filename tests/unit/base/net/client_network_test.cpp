// Which addresses count as one client.
#include "base/net/client_network.h"

#include <doctest/doctest.h>

namespace peyk::net {

TEST_CASE("an IPv4 address is a client, and of IPv6 the /64 that one of them is given") {
  CHECK(client_network("192.0.2.1") == "192.0.2.1");
  CHECK(client_network("::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(client_network("2001:db8:0:1:2:3:4:5") == client_network("2001:db8:0:1::9"));
  CHECK(client_network("2001:db8:0:1::9") == "2001:db8:0:1::/64");
  CHECK(client_network("2001:db8:0:2::9") != client_network("2001:db8:0:1::9"));
  CHECK(client_network("") == "");
  CHECK(client_network("nonsense") == "nonsense");
}

}  // namespace peyk::net
