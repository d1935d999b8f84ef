// Headers, answers of ours as problem+json, and the routing table.
#include "base/net/http.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

namespace peyk::net {
namespace {

Handler handler() {
  return [](Request) -> asio::awaitable<Response> { co_return Response::empty(204); };
}

}  // namespace

TEST_CASE("headers are found without regard to case, and kept in order") {
  Headers headers;
  headers.add("Set-Cookie", "a");
  headers.add("set-cookie", "b");
  CHECK(headers.get("SET-COOKIE") == "a");
  CHECK(headers.all().size() == 2);
  headers.set("Set-cookie", "c");
  CHECK(headers.all().size() == 1);
  CHECK(headers.get("set-cookie") == "c");
  CHECK(headers.get("other").empty());
  CHECK_FALSE(headers.has("other"));
}

TEST_CASE("an error of ours becomes problem+json with its fields") {
  const auto response =
      Response::problem(Error{ErrorCode::unprocessable, "two fields are wrong", {{"email", "is no address"}}, {}});
  CHECK(response.status == 422);
  CHECK(response.headers.get("content-type") == "application/problem+json");
  const auto body = boost::json::parse(response.body).as_object();
  CHECK(body.at("type") == "urn:peyk:error:unprocessable");
  CHECK(body.at("status") == 422);
  CHECK(body.at("title") == "Unprocessable Entity");
  CHECK(body.at("detail") == "two fields are wrong");
  CHECK(body.at("errors").at(0).at("field") == "email");
}

TEST_CASE("an answer that asks to come again says when") {
  CHECK(Response::problem(Error{ErrorCode::throttled, "slower", {}, {}}).headers.has("Retry-After"));
  CHECK(Response::problem(Error{ErrorCode::timeout, "the store is slow", {}, {}}).headers.has("Retry-After"));
  CHECK_FALSE(Response::problem(Error{ErrorCode::conflict, "no", {}, {}}).headers.has("Retry-After"));
}

TEST_CASE("an internal error keeps its words for the log") {
  const auto response = Response::problem(Error{ErrorCode::internal, "key peyk:{x} has the wrong type", {}, {}});
  CHECK(response.status == 500);
  CHECK_FALSE(response.body.contains("wrong type"));
}

TEST_CASE("a route is found with its captures, segment by segment") {
  Routes routes;
  routes.add(Method::post, "/form/{channel}", handler(), 1000);
  routes.add(Method::get, "/form/{channel}", handler());
  routes.add(Method::get, "/", handler());
  const auto match = routes.match(Method::post, "/form/con%2Ftact", false);
  REQUIRE(match.entry != nullptr);
  CHECK(match.entry->body_limit == 1000);
  CHECK(match.captures.at("channel") == "con/tact");
  CHECK(routes.match(Method::get, "/", false).entry != nullptr);
  CHECK(routes.match(Method::get, "/form/", false).entry == nullptr);
  CHECK(routes.match(Method::get, "/form/a/b", false).entry == nullptr);
  CHECK(routes.match(Method::get, "*", false).entry == nullptr);
}

TEST_CASE("HEAD goes to GET's handler") {
  Routes routes;
  routes.add(Method::get, "/health", handler());
  CHECK(routes.match(Method::head, "/health", false).entry != nullptr);
}

TEST_CASE("a literal segment goes before a capture, whatever came first") {
  Routes routes;
  routes.add(Method::get, "/a/{x}", handler(), 1);
  routes.add(Method::get, "/a/b", handler(), 2);
  CHECK(routes.match(Method::get, "/a/b", false).entry->body_limit == 2);
  CHECK(routes.match(Method::get, "/a/c", false).entry->body_limit == 1);
}

TEST_CASE("a known path under another method names the methods it has") {
  Routes routes;
  routes.add(Method::get, "/a/{x}", handler());
  routes.add(Method::del, "/a/{x}", handler());
  const auto match = routes.match(Method::post, "/a/1", false);
  CHECK(match.entry == nullptr);
  CHECK(match.allowed.size() == 2);
  CHECK(routes.match(Method::post, "/b", false).allowed.empty());
}

TEST_CASE("a WebSocket route is found by an upgrade alone") {
  Routes routes;
  routes.add_websocket("/chat/{channel}", {.subprotocol = "x", .guard = {}, .handler = {}});
  const auto upgraded = routes.match(Method::get, "/chat/site", true);
  REQUIRE(upgraded.entry != nullptr);
  CHECK(upgraded.entry->websocket->subprotocol == "x");
  const auto plain = routes.match(Method::get, "/chat/site", false);
  CHECK(plain.entry == nullptr);
  CHECK(plain.upgrade_required);
}

TEST_CASE("a page and a WebSocket may share a path") {
  Routes routes;
  routes.add(Method::get, "/chat/{channel}", handler());
  routes.add_websocket("/chat/{channel}", {.subprotocol = "x", .guard = {}, .handler = {}});
  CHECK(routes.match(Method::get, "/chat/site", true).entry->websocket != nullptr);
  CHECK(routes.match(Method::get, "/chat/site", false).entry->websocket == nullptr);
}

TEST_CASE("a route registered twice is a mistake") {
  Routes routes;
  routes.add(Method::get, "/a/{x}", handler());
  CHECK_THROWS(routes.add(Method::get, "/a/{y}", handler()));
  CHECK_THROWS(routes.add(Method::get, "a", handler()));
}

TEST_CASE("trouble in the house is told in fixed words, what the peer did wrong in ours") {
  const std::string inside = "script receive: connecting to redis at unix:/run/redis.sock: refused";
  for (const auto code :
       {ErrorCode::unavailable, ErrorCode::timeout, ErrorCode::stale, ErrorCode::cancelled, ErrorCode::internal}) {
    const auto response = Response::problem(Error{code, inside, {}, {}});
    CHECK(response.body.find("redis") == std::string::npos);
    CHECK(response.body.find("script") == std::string::npos);
  }
  CHECK(Response::problem(Error{ErrorCode::invalid, "no such field", {}, {}}).body.find("no such field") !=
        std::string::npos);
}

}  // namespace peyk::net
