// The client's address behind trusted proxies and strangers.
#include "base/net/proxies.h"

#include <doctest/doctest.h>

namespace peyk::net {
namespace {

Request seen_by(const TrustedProxies& proxies, const char* from, std::initializer_list<const char*> forwarded) {
  Request request;
  for (const auto* value : forwarded) request.headers.add("X-Forwarded-For", value);
  request.headers.add("X-Forwarded-Proto", "https");
  proxies.apply(asio::ip::make_address(from), request);
  return request;
}

}  // namespace

TEST_CASE("a stranger's word about itself is not believed") {
  const TrustedProxies none({});
  const auto request = seen_by(none, "198.51.100.1", {"1.2.3.4"});
  CHECK(request.peer == "198.51.100.1");
  CHECK_FALSE(request.secure);
}

TEST_CASE("the client is the last address that is no proxy of ours") {
  const TrustedProxies proxies({"127.0.0.1", "10.0.0.0/8", "fd00::/8"});
  CHECK(seen_by(proxies, "127.0.0.1", {"1.2.3.4"}).peer == "1.2.3.4");
  CHECK(seen_by(proxies, "127.0.0.1", {"1.2.3.4"}).secure);
  CHECK(seen_by(proxies, "10.9.8.7", {"6.6.6.6, 1.2.3.4", "10.1.1.1 , fd00::1"}).peer == "1.2.3.4");
  CHECK(seen_by(proxies, "::ffff:127.0.0.1", {"2001:db8::1"}).peer == "2001:db8::1");
  CHECK(seen_by(proxies, "127.0.0.1", {"10.0.0.1"}).peer == "10.0.0.1");
  CHECK(seen_by(proxies, "127.0.0.1", {"1.2.3.4, unknown"}).peer == "127.0.0.1");
  CHECK(seen_by(proxies, "11.0.0.1", {"1.2.3.4"}).peer == "11.0.0.1");
}

TEST_CASE("what is neither address nor network is named") {
  for (const auto* bad : {"", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::1/129"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(TrustedProxies({bad}), std::invalid_argument);
  }
}

}  // namespace peyk::net
