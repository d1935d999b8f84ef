// Origins compared as browsers write them.
#include "channels/web/origin.h"

#include <doctest/doctest.h>

namespace peyk::channels {

TEST_CASE("an origin is scheme, host and a port other than the scheme's own, in lower case") {
  CHECK(origin_of("https://Kouh.Example") == "https://kouh.example");
  CHECK(origin_of("https://kouh.example:443/path?x") == "https://kouh.example");
  CHECK(origin_of("http://kouh.example:8080/") == "http://kouh.example:8080");
  CHECK(origin_of("http://[::1]:8080") == "http://[::1]:8080");
  for (const auto* text : {"", "null", "kouh.example", "file:///etc", "https://", "https:///x", "https://a@b.example",
                           "https://a b.example", "chrome-extension://abc"}) {
    CAPTURE(text);
    CHECK(origin_of(text).empty());
  }
}

TEST_CASE("an origin that only looks like a listed one is foreign") {
  const std::vector<std::string> listed{"https://kouh.example"};
  const auto judge = [&listed](const char* origin) {
    net::Request request;
    request.headers.add("Origin", origin);
    request.headers.add("Host", "support.kouh.example");
    return judge_origin(request, listed, "https://support.kouh.example");
  };
  CHECK(judge("https://kouh.example") == OriginKind::listed);
  CHECK(judge("HTTPS://KOUH.EXAMPLE") == OriginKind::listed);
  CHECK(judge("https://support.kouh.example") == OriginKind::own);
  for (const auto* origin : {"http://kouh.example", "https://kouh.example.evil.example", "https://xkouh.example",
                             "https://kouh.example:444", "http://support.kouh.example", "null", ""}) {
    CAPTURE(origin);
    CHECK(judge(origin) == OriginKind::foreign);
  }
}

}  // namespace peyk::channels
