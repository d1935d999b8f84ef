// The configurations and the manual that ship with Peyk.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>
#include <sodium.h>

#include "config/loader.h"
#include "tests/support/config_text.h"

namespace peyk::config {
namespace {

std::string source(const std::string& path) {
  return std::string(PEYK_SOURCE_DIR) + "/" + path;
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("the quickstart's configuration loads with its secrets and without a warning") {
  const auto result = load(source("config/quickstart.yaml"), LoadOptions{});
  CHECK(test::errors_of(result).empty());
  CHECK(test::warnings_of(result).empty());
  REQUIRE(result.ok());
  CHECK(result.config->redis.embedded);
  CHECK(result.config->channels.at(ChannelName("support-mail")).email()->smtp->maildir ==
        result.config->state_dir + "/sent");
}

TEST_CASE("the quickstart's agents log in with the password its file names") {
  const auto result = load(source("config/quickstart.yaml"), LoadOptions{});
  REQUIRE(result.ok());
  CHECK(result.config->agents.size() == 3);
  for (const auto& [name, agent] : result.config->agents) {
    CAPTURE(name.str());
    const std::string password = "peyk-demo";
    CHECK(crypto_pwhash_str_verify(agent.password_hash.reveal().c_str(), password.data(), password.size()) == 0);
  }
}

TEST_CASE("the example for production loads; its only warnings are the secrets that are yours to make") {
  LoadOptions options;
  options.secrets_required = false;
  const auto result = load(source("config/peyk.yaml"), options);
  CHECK(test::errors_of(result).empty());
  for (const auto& warning : test::warnings_of(result)) {
    CAPTURE(warning);
    CHECK(warning.find("the secret file is missing") != std::string::npos);
  }
}

TEST_CASE("the manual of the configuration is what its tables say") {
  const auto manual = read_file(source("docs/configuration.md"));
  const auto described = describe();
  const auto at = manual.find("\n| key |");
  REQUIRE(at != std::string::npos);
  if (std::getenv("PEYK_WRITE_MANUAL") != nullptr) {
    std::ofstream(source("docs/configuration.md")) << manual.substr(0, at) << described;
    return;
  }
  const bool same = manual.substr(at) == described;
  CHECK_MESSAGE(same, "docs/configuration.md is behind: run this test with PEYK_WRITE_MANUAL=1 to write it anew");
}

}  // namespace peyk::config
