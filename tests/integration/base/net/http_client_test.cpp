// The HTTP client: an answer, a late one, and nobody there.
#include "base/net/http_client.h"

#include <doctest/doctest.h>

#include "tests/support/http_side.h"

namespace peyk::net {
namespace {

using namespace std::chrono_literals;
using test::HttpSide;

}  // namespace

TEST_CASE("the client fetches, and says when nobody is there") {
  HttpSide fixture;
  Request request;
  request.method = Method::post;
  request.target = "/echo/y";
  request.body = "from the client";
  const auto answer = fixture.loop.run(fetch(fixture.url(), request, 5s));
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->body == "/echo/y|y|from the client|127.0.0.1");
  request.target = "/slow";
  request.method = Method::get;
  const auto late = fixture.loop.run(fetch(fixture.url(), request, 20ms));
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == ErrorCode::timeout);
  const auto nobody = fixture.loop.run(fetch({"http", "127.0.0.1", "1", ""}, request, 5s));
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().code == ErrorCode::unavailable);
}

}  // namespace peyk::net
