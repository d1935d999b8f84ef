// Where a secret file is looked for: systemd's credentials first, then beside the configuration.
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "config/loader.h"
#include "tests/support/config_text.h"
#include "tests/support/temp_folder.h"

namespace peyk {
namespace {

struct Folders {
  test::TempFolder folder;
  std::filesystem::path credentials = folder.path() / "credentials";
  std::filesystem::path beside = folder.path() / "etc";

  Folders() {
    std::filesystem::create_directories(credentials);
    std::filesystem::create_directories(beside);
  }

  /// The hash that the agent's `password_hash_file: x.hash` gives.
  std::string loaded() const {
    config::LoadOptions options;
    options.credentials_directory = credentials;
    const auto text = test::minimal_with("capacity: 4", "capacity: 4, password_hash_file: x.hash");
    const auto result = config::load_text(text, beside / "peyk.yaml", options);
    REQUIRE(result.ok());
    return std::string(result.config->agents.begin()->second.password_hash.reveal());
  }
};

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text << '\n';
}

}  // namespace

TEST_CASE_FIXTURE(Folders, "a secret is found beside the configuration") {
  write(beside / "x.hash", "beside");
  CHECK(loaded() == "beside");
}

TEST_CASE_FIXTURE(Folders, "a credential of systemd comes before a file beside the configuration") {
  write(beside / "x.hash", "beside");
  write(credentials / "x.hash", "credential");
  CHECK(loaded() == "credential");
}

TEST_CASE_FIXTURE(Folders, "a file of a whole folder of credentials is found by its own name") {
  write(credentials / "peyk_x.hash", "of the folder");
  CHECK(loaded() == "of the folder");
}

}  // namespace peyk
