// kill -9 of a process with a private server, and an immediate restart, many times.
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include "base/random.h"
#include "base/redis/client.h"
#include "base/redis/private_server.h"
#include "tests/support/loop.h"
#include "tests/support/temp_folder.h"

using namespace std::chrono_literals;

namespace peyk::redis {
namespace {

/// What a life reports through the pipe.
struct Report {
  enum Kind : std::int64_t { server_pid, found, acknowledged, failed };
  std::int64_t kind = failed;
  std::int64_t number = 0;
};

void send(int pipe, Report::Kind kind, std::int64_t number) {
  const Report report{kind, number};
  if (write(pipe, &report, sizeof report) != ssize_t{sizeof report}) _exit(2);
}

/// Appends one number after the other, each in a transaction to two lists, and reports what was acknowledged.
asio::awaitable<void> append_for_ever(Client& client, int pipe) {
  const auto length = co_await client.call({"LLEN", "first"});
  const auto twin = co_await client.call({"LLEN", "second"});
  if (!length || !twin || length->integer != twin->integer) co_return;
  send(pipe, Report::found, length->integer);
  for (auto next = length->integer + 1;; ++next) {
    const auto text = std::to_string(next);
    const auto replies =
        co_await client.pipeline({{"MULTI"}, {"RPUSH", "first", text}, {"RPUSH", "second", text}, {"EXEC"}});
    if (!replies || !replies->at(3).is_array()) co_return;
    send(pipe, Report::acknowledged, next);
  }
}

/// One life: only a kill -9 ends it as it should.
[[noreturn]] void live(const std::filesystem::path& folder, int pipe) {
  spdlog::set_level(spdlog::level::off);
  test::Loop loop;
  PrivateServerOptions options;
  options.folder = folder;
  const auto server = create_private_server(loop.executor(), options);
  const auto started = loop.run(server->start(10s));
  if (started) {
    send(pipe, Report::server_pid, server->pid());
    ClientOptions client_options;
    client_options.endpoint.unix_path = server->socket_path();
    const auto client = create_client(loop.executor(), client_options);
    client->start({});
    loop.run(client->wait_connected(5s));
    loop.run(append_for_ever(*client, pipe), 60s);
  }
  send(pipe, Report::failed, 0);
  _exit(1);
}

/// Alive, and no zombie that its new parent has not yet buried.
bool alive(std::int64_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  stat >> word >> word >> word;
  return !word.empty() && word != "Z" && word != "X";
}

struct Lives {
  test::TempFolder folder;
  SeededRandom random{20261122};
  std::int64_t last_server = 0;
  std::int64_t last_acknowledged = 0;

  /// Lets one live until it has acknowledged some more, and kills it.
  void live_and_die() {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = fork();
    if (child == 0) live(folder.path() / "store", pipe[1]);
    close(pipe[1]);
    auto wanted = static_cast<int>(random.next() % 40);
    Report report;
    while (wanted >= 0 && read(pipe[0], &report, sizeof report) == ssize_t{sizeof report}) {
      if (report.kind == Report::acknowledged) --wanted;
      take(report);
    }
    CHECK(wanted < 0);
    kill(child, SIGKILL);
    // What it managed to report before it died was acknowledged too.
    while (read(pipe[0], &report, sizeof report) == ssize_t{sizeof report}) take(report);
    close(pipe[0]);
    waitpid(child, nullptr, 0);
  }

  void take(const Report& report) {
    CHECK(report.kind != Report::failed);
    if (report.kind == Report::server_pid) {
      CHECK_FALSE((last_server != 0 && alive(last_server)));
      last_server = report.number;
    }
    if (report.kind == Report::found) {
      CHECK(report.number >= last_acknowledged);
      CHECK(report.number <= last_acknowledged + 1);  // one may have been stored and not yet acknowledged
    }
    if (report.kind == Report::acknowledged) last_acknowledged = report.number;
  }
};

TEST_CASE_FIXTURE(Lives, "fifty kills with an immediate restart: never two servers, nothing acknowledged lost") {
  for (int life = 0; life < 50; ++life) live_and_die();
  CHECK(last_acknowledged >= 50);
  while (alive(last_server)) usleep(1000);
}

}  // namespace
}  // namespace peyk::redis
