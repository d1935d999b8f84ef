// The daemon's command line.
#include "daemon/options.h"

#include <initializer_list>
#include <vector>

#include <doctest/doctest.h>

namespace peyk::daemon {
namespace {

std::variant<Options, Leave> parse(std::initializer_list<const char*> arguments) {
  std::vector<const char*> argv{"peykd"};
  argv.insert(argv.end(), arguments);
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

}  // namespace

TEST_CASE("a configuration is read from the command line, with what overrides it") {
  const auto parsed = parse({"--config", "peyk.yaml", "--set", "http.listen=[127.0.0.1:0, \"[::1]:0\"]", "--set",
                             "redis.url=unix:///x?db=1"});
  REQUIRE(std::holds_alternative<Options>(parsed));
  const auto& options = std::get<Options>(parsed);
  CHECK(options.config == "peyk.yaml");
  CHECK_FALSE(options.check);
  CHECK(options.overrides.size() == 2);
  CHECK(options.overrides.at("http.listen") == "[127.0.0.1:0, \"[::1]:0\"]");
  CHECK(options.overrides.at("redis.url") == "unix:///x?db=1");
}

TEST_CASE("a check is asked for by its flag") {
  const auto parsed = parse({"--check", "--config", "peyk.yaml"});
  REQUIRE(std::holds_alternative<Options>(parsed));
  CHECK(std::get<Options>(parsed).check);
}

TEST_CASE("wrong arguments end the program with an error, version and help without") {
  for (const auto& wrong :
       {std::vector<const char*>{}, {"--config"}, {"--no"}, {"--config", "x", "--set", "novalue"}}) {
    std::vector<const char*> argv{"peykd"};
    argv.insert(argv.end(), wrong.begin(), wrong.end());
    const auto parsed = parse_options(static_cast<int>(argv.size()), argv.data());
    REQUIRE(std::holds_alternative<Leave>(parsed));
    CHECK(std::get<Leave>(parsed).status != 0);
  }
  const auto version = parse({"--version"});
  REQUIRE(std::holds_alternative<Leave>(version));
  CHECK(std::get<Leave>(version).status == 0);
}

}  // namespace peyk::daemon
