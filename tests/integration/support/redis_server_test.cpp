// The tests' own Redis: what it keeps, and that it is dead when killed.
#include "tests/support/redis_server.h"

#include <stdexcept>

#include <doctest/doctest.h>

namespace peyk {
namespace {

TEST_CASE("the test server keeps with AOF what it acknowledged, over kill -9") {
  test::RedisServer server({.aof = true});
  CHECK(server.command({"SET", "key", "value"}).text == "OK");
  server.restart();
  CHECK(server.command({"GET", "key"}).text == "value");
}

TEST_CASE("a dead test server cannot be asked") {
  test::RedisServer server;
  server.kill9();
  CHECK_THROWS_AS(server.command({"PING"}), std::runtime_error);
}

}  // namespace
}  // namespace peyk
