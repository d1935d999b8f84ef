// The head of an answer as it is written.
#include "base/net/response_head.h"

#include <doctest/doctest.h>

namespace peyk::net {

TEST_CASE("an answer without a body has no length") {
  CHECK(response_head(Response::empty(204), Connection::keep_alive).starts_with("HTTP/1.1 204 No Content\r\n"));
  CHECK_FALSE(response_head(Response::empty(204), Connection::keep_alive).contains("Content-Length"));
  CHECK(response_head(Response::empty(200), Connection::keep_alive).contains("Content-Length: 0\r\n"));
}

TEST_CASE("a header cannot bring a second one with it") {
  auto response = Response::text(200, "");
  response.headers.add("Location", "/a\r\nSet-Cookie: x=1\r\n\r\n<script>");
  const auto head = response_head(response, Connection::close);
  CHECK_FALSE(head.contains("\r\nSet-Cookie"));
  CHECK(head.find("\r\n\r\n") == head.size() - 4);
}

TEST_CASE("the date is HTTP's") {
  const auto date = http_date();
  CHECK(date.size() == 29);
  CHECK(date.ends_with(" GMT"));
}

}  // namespace peyk::net
