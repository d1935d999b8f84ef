// Header values taken apart into value and parameters.
#include "base/net/header_value.h"

#include <doctest/doctest.h>

namespace peyk::net {

TEST_CASE("a header's value is taken apart from its parameters") {
  const auto value = parse_header_value(" Multipart/Form-Data ; Boundary=\"a;b\\\"c\" ; charset=UTF-8");
  CHECK(value.value == "multipart/form-data");
  CHECK(value.parameter("boundary") == "a;b\"c");
  CHECK(value.parameter("charset") == "UTF-8");
  CHECK_FALSE(value.parameter("other").has_value());
}

TEST_CASE("what is malformed ends the parameters") {
  CHECK(parse_header_value("a; b=\"open").parameters.empty());
  CHECK(parse_header_value("a; b c=1; d=2").parameters.empty());
  CHECK(parse_header_value("a; b=1; junk").parameters.size() == 1);
  CHECK(parse_header_value("").value.empty());
  CHECK(parse_header_value(";;;").parameters.empty());
}

TEST_CASE("a media type is two tokens") {
  CHECK(is_media_type("image/svg+xml"));
  for (const auto* bad : {"", "/", "a/", "/b", "a/b/c", "a b/c", "a/b\r\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_media_type(bad));
  }
}

}  // namespace peyk::net
