// The Redis that the daemon starts itself: its folder, its end, a torn log, a full disk.
#include "base/redis/private_server.h"

#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <sys/mount.h>
#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>

#include "base/async/deadline.h"
#include "base/redis/client.h"
#include "tests/support/loop.h"
#include "tests/support/temp_folder.h"

using namespace std::chrono_literals;

namespace peyk::redis {
namespace {

/// A server on a folder and a client of it.
class Store {
 public:
  Store(test::Loop& loop, PrivateServerOptions options) : loop_(loop) {
    server_ = create_private_server(loop.executor(), std::move(options));
    started_ = loop.run(server_->start(10s));
    ClientOptions client_options;
    client_options.endpoint.unix_path = server_->socket_path();
    client_ = create_client(loop.executor(), client_options);
    if (!started_) return;
    client_->start({});
    CHECK(loop.run(client_->wait_connected(10s)));
  }
  ~Store() {
    loop_.run(client_->stop());
    loop_.run(server_->stop(5s));
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const Result<>& started() const { return started_; }
  PrivateServer& server() const { return *server_; }
  Client& client() const { return *client_; }
  Result<Reply> call(Command command) { return loop_.run(client_->call(std::move(command))); }

 private:
  test::Loop& loop_;
  std::unique_ptr<PrivateServer> server_;
  std::unique_ptr<Client> client_;
  Result<> started_;
};

struct Fixture {
  test::Loop loop;
  test::TempFolder folder;

  PrivateServerOptions options() const {
    PrivateServerOptions wanted;
    wanted.folder = folder.path() / "store";
    return wanted;
  }
};

TEST_CASE_FIXTURE(Fixture, "it starts in a folder of its own, keeps what it acknowledged, and stops") {
  int pid = 0;
  {
    Store store(loop, options());
    REQUIRE(store.started().has_value());
    pid = store.server().pid();
    CHECK(pid > 0);
    CHECK(store.server().trouble().empty());
    CHECK(store.call({"SET", "key", "value"})->text == "OK");
    CHECK(store.call({"CONFIG", "GET", "appendfsync"})->items[1].text == "always");
    const auto mode = std::filesystem::status(options().folder).permissions();
    CHECK(mode == std::filesystem::perms::owner_all);
    CHECK(getpgid(pid) != getpgrp());
  }
  CHECK(kill(pid, 0) != 0);
  Store again(loop, options());
  CHECK(again.call({"GET", "key"})->text == "value");
}

TEST_CASE_FIXTURE(Fixture, "the relaxed one syncs every second") {
  auto relaxed = options();
  relaxed.fsync_always = false;
  Store store(loop, relaxed);
  CHECK(store.call({"CONFIG", "GET", "appendfsync"})->items[1].text == "everysec");
}

TEST_CASE_FIXTURE(Fixture, "a second server on the same folder is refused, and the first goes on") {
  Store first(loop, options());
  REQUIRE(first.started().has_value());
  const auto second = create_private_server(loop.executor(), options());
  const auto started = loop.run(second->start(100ms));
  REQUIRE_FALSE(started.has_value());
  CHECK((started.error().message.find("another redis-server") != std::string::npos ||
         started.error().message.find("did not start") != std::string::npos));
  loop.run(second->stop(1s));
  CHECK(first.call({"PING"})->text == "PONG");
}

TEST_CASE_FIXTURE(Fixture, "a server that is killed is started again with its data") {
  Store store(loop, options());
  CHECK(store.call({"SET", "key", "value"})->text == "OK");
  const int pid = store.server().pid();
  kill(pid, SIGKILL);
  REQUIRE(loop.eventually([&] { return store.server().pid() != pid; }));
  REQUIRE(loop.eventually([&] { return store.server().pid() > 0 && store.client().connected(); }));
  CHECK(store.server().trouble().empty());
  CHECK(store.call({"GET", "key"})->text == "value");
}

TEST_CASE_FIXTURE(Fixture, "why it is down is told while it is down") {
  Store store(loop, options());
  kill(store.server().pid(), SIGKILL);
  REQUIRE(loop.eventually([&] { return !store.server().trouble().empty(); }));
  CHECK(store.server().trouble().find("redis-server ended (killed by signal 9)") == 0);
  CHECK(store.server().pid() == 0);
  CHECK_FALSE(store.server().disk_full());
}

TEST_CASE_FIXTURE(Fixture, "a frozen server is killed by the stop") {
  const auto server = create_private_server(loop.executor(), options());
  REQUIRE(loop.run(server->start(10s)).has_value());
  const int pid = server->pid();
  kill(pid, SIGSTOP);
  loop.run(server->stop(50ms));
  CHECK(kill(pid, 0) != 0);
}

TEST_CASE_FIXTURE(Fixture, "a folder whose name is too long for a socket address works") {
  auto deep = options();
  deep.folder = folder.path() / std::string(120, 'd') / "store";
  Store store(loop, deep);
  REQUIRE(store.started().has_value());
  CHECK(store.server().socket_path().size() <= 107);
  CHECK(store.call({"PING"})->text == "PONG");
}

TEST_CASE_FIXTURE(Fixture, "what hinders the start is said") {
  auto missing = options();
  missing.program = "no-such-redis-server";
  const Store store(loop, missing);
  REQUIRE_FALSE(store.started().has_value());
  CHECK(store.started().error().message.find("no-such-redis-server is not installed") != std::string::npos);

  std::ofstream(folder.path() / "file") << "in the way";
  auto blocked = options();
  blocked.folder = folder.path() / "file" / "store";
  const Store other(loop, blocked);
  REQUIRE_FALSE(other.started().has_value());
  CHECK(other.started().error().message.find("cannot make the folder") == 0);
}

std::filesystem::path last_log(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder / "appendonlydir")) {
    if (entry.path().string().ends_with(".incr.aof")) return entry.path();
  }
  return {};
}

// Redis 7.0.15 takes a log cut inside a transaction, looks healthy, appends after the cut and loses all of that at its
// next start.
TEST_CASE_FIXTURE(Fixture, "a log cut inside a transaction is mended, and what is written after stays") {
  {
    Store store(loop, options());
    CHECK(store.call({"SET", "before", "1"})->text == "OK");
  }
  {
    std::ofstream log(last_log(options().folder), std::ios::app | std::ios::binary);
    log << "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$1\r\n1\r\n*3\r\n$3\r\nSE";
  }
  {
    Store store(loop, options());
    REQUIRE(store.started().has_value());
    CHECK(store.call({"GET", "half"})->is_nil());
    CHECK(store.call({"SET", "after", "2"})->text == "OK");
  }
  Store store(loop, options());
  CHECK(store.call({"GET", "before"})->text == "1");
  CHECK(store.call({"GET", "after"})->text == "2");
  CHECK(store.call({"DBSIZE"})->integer == 2);
}

TEST_CASE_FIXTURE(Fixture, "what was cut off a torn log is kept aside") {
  {
    const Store store(loop, options());
  }
  const std::string torn = "*3\r\n$3\r\nSET\r\n$4\r\nhal";
  std::ofstream(last_log(options().folder), std::ios::app | std::ios::binary) << torn;
  const Store store(loop, options());
  REQUIRE(store.started().has_value());
  std::string kept;
  for (const auto& entry : std::filesystem::directory_iterator(options().folder)) {
    if (!entry.path().filename().string().starts_with("cut-off-")) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::getline(file, kept, '\0');
  }
  CHECK(kept == torn);
}

TEST_CASE_FIXTURE(Fixture, "a log damaged otherwise keeps it from starting, with the reason, and is left as it is") {
  {
    const Store store(loop, options());
  }
  const auto manifest = last_log(options().folder).parent_path() / "appendonly.aof.manifest";
  const auto base = manifest.parent_path() / "appendonly.aof.1.base.rdb";
  for (const auto& file : {base, manifest}) {
    CAPTURE(file);
    std::ofstream(file) << "nonsense\n";
    const Store store(loop, options());
    REQUIRE_FALSE(store.started().has_value());
    CHECK(store.started().error().message.find("the log of redis in ") == 0);
    CHECK(store.server().pid() == 0);
    std::ifstream damaged(file);
    std::string content;
    std::getline(damaged, content);
    CHECK(content == "nonsense");
  }
}

/// A small disk of our own; `mounted()` is false where we may not mount.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=16m") == 0;
    if (!mounted_) MESSAGE("skipped: mounting a small disk is not permitted here");
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  void fill() const {
    std::ofstream filler(path_ / "filler");
    const std::string block(1'000'000, 'x');
    for (int written = 0; written < 10; ++written) filler << block;
  }
  void make_room() const { std::filesystem::remove(path_ / "filler"); }

 private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

/// How many values were acknowledged before the first refusal.
int fill_up(Store& store) {
  const std::string value(100'000, 'v');
  int stored = 0;
  while (store.call({"RPUSH", "list", value}).has_value()) ++stored;
  return stored;
}

TEST_CASE_FIXTURE(Fixture, "a full disk is named, nothing acknowledged is lost, and room brings it back") {
  const SmallDisk disk(options().folder);
  if (!disk.mounted()) return;
  for (const bool fsync_always : {true, false}) {
    CAPTURE(fsync_always);
    disk.fill();
    auto wanted = options();
    wanted.fsync_always = fsync_always;
    wanted.least_free_bytes = 1'000'000;
    Store store(loop, wanted);
    REQUIRE(store.started().has_value());
    CHECK(store.call({"DEL", "list"}).has_value());
    const int stored = fill_up(store);
    REQUIRE(loop.eventually([&] { return store.server().disk_full(); }));
    if (fsync_always) {
      REQUIRE(loop.eventually([&] { return store.server().trouble().find("disk full: ") == 0; }));
      CHECK(store.server().pid() == 0);
    }
    disk.make_room();
    REQUIRE(loop.eventually([&] { return !store.server().disk_full() && store.server().trouble().empty(); }));
    REQUIRE(loop.eventually([&] { return store.client().connected(); }));
    CHECK(store.call({"LLEN", "list"})->integer >= stored);
    CHECK(store.call({"RPUSH", "list", "more"}).has_value());
    CHECK(store.call({"DEL", "list"}).has_value());
    CHECK(store.call({"BGREWRITEAOF"}).has_value());
    REQUIRE(loop.eventually([&] {
      const auto info = store.call({"INFO", "persistence"});
      return info && info->text.find("aof_rewrite_in_progress:0") != std::string::npos &&
             info->text.find("aof_rewrite_scheduled:0") != std::string::npos;
    }));
  }
}

TEST_CASE_FIXTURE(Fixture, "it is not started on a disk that is full already") {
  const SmallDisk disk(options().folder);
  if (!disk.mounted()) return;
  disk.fill();
  const Store store(loop, options());
  REQUIRE_FALSE(store.started().has_value());
  CHECK(store.started().error().message.find("disk full: ") == 0);
}

}  // namespace
}  // namespace peyk::redis
