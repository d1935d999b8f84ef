// Addresses of servers, taken apart.
#include <doctest/doctest.h>

#include "base/net/http_client.h"

namespace peyk::net {

TEST_CASE("a server's address is taken apart") {
  const auto url = parse_url("HTTPS://support.kouh.example/desk/").value();
  CHECK(url.scheme == "https");
  CHECK(url.host == "support.kouh.example");
  CHECK(url.port == "443");
  CHECK(url.path == "/desk");
  CHECK(parse_url("http://127.0.0.1:8080").value().port == "8080");
  CHECK(parse_url("http://[::1]:8080/").value().host == "::1");
}

TEST_CASE("what is no address is refused") {
  for (const std::string bad : {"", "localhost:8080", "ftp://x", "http://", "http://u:p@x", "http://x?y", "http://x#y",
                                "http://x:99999", "http://a b", "//x", "http:\x01", "http:x"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_url(bad).has_value());
  }
}

}  // namespace peyk::net
