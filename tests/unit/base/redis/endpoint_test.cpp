// Redis addresses, and commands and scripts as they are written.
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "base/redis/client.h"
#include "base/redis/command.h"

namespace peyk::redis {
namespace {

using namespace std::string_literals;

TEST_CASE("an address names host, port, database and user") {
  const auto endpoint = parse_endpoint("redis://peyk@db.example:7000/3");
  REQUIRE(endpoint.has_value());
  CHECK(endpoint->host == "db.example");
  CHECK(endpoint->port == 7000);
  CHECK(endpoint->database == 3);
  CHECK(endpoint->user == "peyk");
  CHECK_FALSE(endpoint->tls);
}

TEST_CASE("what an address leaves out has its usual value") {
  const auto endpoint = parse_endpoint("rediss://[::1]");
  REQUIRE(endpoint.has_value());
  CHECK(endpoint->host == "::1");
  CHECK(endpoint->port == 6379);
  CHECK(endpoint->database == 0);
  CHECK(endpoint->tls);
}

TEST_CASE("a Unix socket is an absolute path, with a database") {
  const auto endpoint = parse_endpoint("unix:///run/redis/a%20b.sock?db=2");
  REQUIRE(endpoint.has_value());
  CHECK(endpoint->unix_path == "/run/redis/a b.sock");
  CHECK(endpoint->database == 2);
}

TEST_CASE("an address that makes no sense is refused") {
  for (const std::string url : {"", "localhost:6379", "http://host", "redis://", "redis://host:0", "redis://host:70000",
                                "redis://host/x", "redis://host/-1", "redis://host/0?x=1", "unix://host/path",
                                "unix:///", "unix:///run/s?db=x", "unix:///run/s?name=1", "redis://user:secret@host",
                                "redis://host\n", "redis://ho st", "redis:\x01", "unix:x"}) {
    CAPTURE(url);
    const auto endpoint = parse_endpoint(url);
    REQUIRE_FALSE(endpoint.has_value());
    CHECK(endpoint.error().code == ErrorCode::invalid);
    CHECK(endpoint.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("a script carries the digest by which Redis knows it") {
  const auto script = make_script("one", "return 1");
  CHECK(script.sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

TEST_CASE("a command is an array of bulk strings, whatever bytes it has") {
  std::string out = "before";
  append_command(out, Command{"SET", std::string("k\0\r\n", 4), ""});
  CHECK(out == "before*3\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n$0\r\n\r\n"s);
}

TEST_CASE("an error reply that passes is unavailable, another one internal") {
  for (const auto* text : {"OOM command not allowed", "LOADING Redis is loading", "READONLY You can't write",
                           "MISCONF Errors writing to the AOF file", "NOREPLICAS Not enough good replicas"}) {
    CHECK(error_from_reply(text).code == ErrorCode::unavailable);
  }
  CHECK(error_from_reply("WRONGTYPE Operation against a key").code == ErrorCode::internal);
  CHECK(error_from_reply("").code == ErrorCode::internal);
}

}  // namespace
}  // namespace peyk::redis
