// Requests byte by byte, one after another, upgraded, chunked and past their limits.
#include "base/net/request_parser.h"

#include <doctest/doctest.h>

namespace peyk::net {
namespace {

using Step = RequestParser::Step;

/// Feeds `bytes` in pieces of `size`, as they would arrive, through head and body.
Step feed(RequestParser& parser, std::string_view bytes, std::size_t size, std::size_t body_limit = 1000) {
  std::string pending;
  auto step = Step::head;
  for (std::size_t at = 0; at < bytes.size() && step != Step::done && step != Step::failed; at += size) {
    pending += bytes.substr(at, size);
    std::string_view rest = pending;
    step = parser.feed(rest);
    if (step == Step::head_done) {
      parser.limit_body(body_limit);
      step = parser.feed(rest);
    }
    pending.erase(0, pending.size() - rest.size());
  }
  return step;
}

}  // namespace

TEST_CASE("a request is the same however its bytes arrive") {
  const std::string_view bytes =
      "POST /form/con%74act?a=1&b=%20&a=2 HTTP/1.1\r\nHost: x\r\nX-Two: one\r\nX-Two: two\r\n"
      "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Trailer: no\r\n\r\n";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    CAPTURE(size);
    const auto parser = create_request_parser(1000);
    REQUIRE(feed(*parser, bytes, size) == Step::done);
    const auto& request = parser->request();
    CHECK(request.method == Method::post);
    CHECK(request.path == "/form/contact");
    CHECK(parser->raw_path() == "/form/con%74act");
    CHECK(request.query == std::map<std::string, std::string>{{"a", "2"}, {"b", " "}});
    CHECK(request.headers.all().size() == 4);
    CHECK(request.body == "body");
    CHECK(parser->keep_alive());
  }
}

TEST_CASE("the next request begins where the last one ended") {
  const auto parser = create_request_parser(1000);
  std::string_view bytes = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.0\r\n\r\nrest";
  CHECK(parser->feed(bytes) == Step::head_done);
  CHECK(parser->feed(bytes) == Step::done);
  CHECK(parser->request().path == "/1");
  parser->restart();
  CHECK(parser->feed(bytes) == Step::head_done);
  CHECK(parser->request().path == "/2");
  CHECK_FALSE(parser->http_1_1());
  CHECK_FALSE(parser->keep_alive());
  CHECK(parser->feed(bytes) == Step::done);
  CHECK(bytes == "rest");
}

TEST_CASE("a target in absolute form is read by its path") {
  const auto parser = create_request_parser(1000);
  std::string_view bytes = "GET http://x.example/a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n";
  CHECK(parser->feed(bytes) == Step::head_done);
  CHECK(parser->request().path == "/a");
  CHECK(parser->request().query.at("b") == "1");
}

TEST_CASE("an upgrade needs its version, its connection and its name") {
  const auto upgrade = [](std::string_view version, std::string_view headers) {
    const auto parser = create_request_parser(1000);
    const auto text = "GET / HTTP/" + std::string(version) + "\r\nHost: x\r\n" + std::string(headers) + "\r\n";
    std::string_view bytes = text;
    CHECK(parser->feed(bytes) == Step::head_done);
    return parser->upgrade();
  };
  CHECK(upgrade("1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: h2c, WebSocket\r\n"));
  CHECK_FALSE(upgrade("1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  CHECK_FALSE(upgrade("1.1", "Upgrade: websocket\r\n"));
  CHECK_FALSE(upgrade("1.1", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
}

TEST_CASE("a chunked body of nothing is whole however its bytes arrive, trailers too") {
  // Beast's own assertion ended the process when the size came before the rest.
  for (const std::string_view last : {"0\r\n\r\n", "0\r\nX-Trailer: no\r\n\r\n", "00;a=b\r\n\r\n"}) {
    const std::string bytes = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(last);
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      CAPTURE(size);
      const auto parser = create_request_parser(1000);
      CHECK(feed(*parser, bytes, size) == Step::done);
      CHECK(parser->request().body.empty());
    }
  }
  const auto parser = create_request_parser(1000);
  const std::string_view zeros = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n00\r\n0\r\n\r\n";
  CHECK(feed(*parser, zeros, 1) == Step::done);
  CHECK(parser->request().body == "00");
}

TEST_CASE("a chunk's header without end is refused, not kept") {
  const auto parser = create_request_parser(1000);
  const auto bytes = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(20'000, 'x');
  CHECK(feed(*parser, bytes, 512) == Step::failed);
  CHECK(parser->failure().status == 400);
}

TEST_CASE("trailers without end are refused") {
  const auto parser = create_request_parser(1000);
  std::string bytes = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int at = 0; at < 2000; ++at) bytes += "X-Trailer: yes\r\n";
  CHECK(feed(*parser, bytes, 512) == Step::failed);
}

TEST_CASE("a chunked body past its limit fails with 413") {
  const auto parser = create_request_parser(1000);
  const std::string_view bytes =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n4\r\nbody\r\n0\r\n\r\n";
  CHECK(feed(*parser, bytes, 7, 7) == Step::failed);
  CHECK(parser->failure().status == 413);
  const auto fits = create_request_parser(1000);
  CHECK(feed(*fits, bytes, 7, 8) == Step::done);
}

TEST_CASE("an announced body past its limit is told at once") {
  const auto parser = create_request_parser(1000);
  std::string_view bytes = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n";
  CHECK(parser->feed(bytes) == Step::head_done);
  CHECK_FALSE(parser->limit_body(8));
  CHECK(parser->failure().status == 413);
}

}  // namespace peyk::net
