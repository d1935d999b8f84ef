// What comes from outside of the file: secrets and overrides; and what a reload takes away.
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "config/diff.h"
#include "config/loader.h"
#include "tests/support/config_text.h"

namespace peyk::config {
namespace {

/// A folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "peyk-config-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string with_secret(const std::string& file) {
  return test::minimal_with("capacity: 4", "capacity: 4, password_hash_file: " + file);
}

std::string hash_of(const LoadResult& result) {
  return result.ok() ? result.config->agents.at(AgentName("ani")).password_hash.reveal() : "not loaded";
}

LoadResult load_set(const std::string& key, const std::string& value) {
  LoadOptions options;
  options.overrides[key] = value;
  return load_text(test::minimal(), "peyk.yaml", options);
}

}  // namespace

TEST_CASE("a secret is looked up in the credentials, then beside the configuration; its last newline is dropped") {
  const Folder credentials;
  const Folder beside;
  const auto file = beside.path() / "peyk.yaml";
  const auto text = with_secret("ani.hash");
  beside.write("ani.hash", "from beside\n");
  LoadOptions options;
  options.credentials_directory = credentials.path();
  CHECK(hash_of(load_text(text, file, options)) == "from beside");
  credentials.write("ani.hash", "from credentials\r\n");
  CHECK(hash_of(load_text(text, file, options)) == "from credentials");
  CHECK(hash_of(load_text(with_secret((beside.path() / "ani.hash").string()), file, options)) == "from beside");
}

TEST_CASE("a secret that is missing, empty or a folder is said, with where it was looked for, and never shown") {
  const Folder beside;
  const auto file = beside.path() / "peyk.yaml";
  const auto missing = load_text(with_secret("ani.hash"), file, LoadOptions{});
  REQUIRE(missing.problems.size() == 1);
  CHECK(missing.problems[0].message ==
        "the secret file is missing: looked for " + (beside.path() / "ani.hash").string());
  CHECK(missing.problems[0].line == 13);
  beside.write("ani.hash", "\n");
  CHECK_FALSE(load_text(with_secret("ani.hash"), file, LoadOptions{}).ok());
  beside.write("ani.hash", std::string(100'000, 'x'));
  const auto large = load_text(with_secret("ani.hash"), file, LoadOptions{});
  REQUIRE(large.problems.size() == 1);
  CHECK(large.problems[0].message.find("xxx") == std::string::npos);
}

TEST_CASE("an override sets a key before the file is checked, and makes it where it is not there") {
  CHECK(load_set("http.listen", "127.0.0.1:9000").config->http.listen.front() == "127.0.0.1:9000");
  CHECK(load_set("state_dir", "/srv/peyk").config->state_dir == "/srv/peyk");
  CHECK(load_set("queues.service.offer.timeout", "5s").config->queues.at(QueueName("service")).offer.timeout ==
        std::chrono::seconds(5));
  CHECK(load_set("agents.ani.queues", "[service]").ok());
}

TEST_CASE("what is wrong with an override names the override") {
  CHECK(test::errors_of(load_set("http.listen", "nowhere")) ==
        std::vector<std::string>{
            R"(--set http.listen:1:1: "nowhere" is not an address and port such as 127.0.0.1:8080 or [::1]:8080)"});
  CHECK(test::errors_of(load_set("htpp.listen", "127.0.0.1:1")) ==
        std::vector<std::string>{R"(--set htpp.listen:1:1: unknown key "htpp"; did you mean "http"?)"});
  CHECK(test::errors_of(load_set("desk.name", "x")) ==
        std::vector<std::string>{R"(--set desk.name:1:1: expected a name)"});
  CHECK(test::errors_of(load_set("version.x", "1")) ==
        std::vector<std::string>{R"(--set version.x: there is no place for "x")"});
  CHECK(test::errors_of(load_set("state_dir", "")) ==
        std::vector<std::string>{"--set state_dir: there is nothing in it"});
}

TEST_CASE("the version of a configuration changes with what routing depends on, and with nothing else") {
  const auto version = [](const std::string& text) { return test::load_right(text)->config_version; };
  const auto base = version(test::minimal());
  CHECK(version(test::minimal() + "log: {level: debug}\n# a comment\n") == base);
  CHECK(version(test::minimal_with("first_reply: 2m", "first_reply: 120s")) == base);
  CHECK(version(test::minimal() + "promise_clock: open_hours\n") == base);
  CHECK(version(test::minimal_with("first_reply: 2m", "first_reply: 3m")) != base);
  CHECK(version(test::minimal_with("cooling: 3", "cooling: 4")) != base);
  CHECK(version(test::minimal() + "promise_clock: always\n") != base);
}

TEST_CASE("a reload's difference names what is gone, what moves and what must wait for a restart") {
  const auto queue = std::string("queues:\n  old: {promise: {first_reply: 2m, resolve: 2d}}\n");
  const auto before =
      test::load_right(test::minimal_with("queues:\n", queue) + "  mehri: {name: Mehri, queues: [service]}\n");
  const auto gone = difference(*before, *test::load_right(test::minimal()));
  CHECK(gone.removed_queues == std::vector<QueueName>{QueueName("old")});
  CHECK(gone.removed_agents == std::vector<AgentName>{AgentName("mehri")});
  CHECK(gone.removed_channels.empty());
  CHECK(gone.needs_restart.empty());
  CHECK(gone.routing_changed);
  const auto moved = difference(*before, *test::load_right(test::minimal_with(
                                             "queues:\n", "retired_queues: {old: {move_to: service}}\nqueues:\n")));
  CHECK(moved.removed_queues.empty());
  CHECK(moved.moved_queues.at(QueueName("old")) == QueueName("service"));
  const auto elsewhere = difference(*before, *test::load_right(test::minimal_with("127.0.0.1:0", "127.0.0.1:1")));
  CHECK(elsewhere.needs_restart == std::vector<std::string>{"http.listen"});
  CHECK_FALSE(difference(*before, *before).routing_changed);
}

TEST_CASE("a key whose feature is not built loads, warns and is named") {
  const auto result = test::load_lenient(test::minimal_with(
      "  site-chat: {kind: chat}\n",
      "  site-chat: {kind: chat}\n"
      "  mail: {kind: email, address: a@b.example, smtp: {url: \"maildir:sent\"},\n"
      "    imap: {url: \"imaps://mail.b.example/INBOX\", user: a, password_file: imap.password}}\n"));
  REQUIRE(result.ok());
  REQUIRE(result.not_yet.size() == 1);
  CHECK(result.not_yet[0].key == "channels.mail.imap");
  CHECK(result.not_yet[0].message.find("is not built yet") != std::string::npos);
}

}  // namespace peyk::config
