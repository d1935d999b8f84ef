// A program run as a child: what it gets from us, how its end is told, and that it never outlives its owner.
#include "base/async/child_process.h"

#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/support/loop.h"
#include "tests/support/temp_folder.h"

using namespace std::chrono_literals;

namespace peyk {
namespace {

struct Fixture {
  test::Loop loop;
  test::TempFolder folder;
  std::vector<std::string> lines;

  std::unique_ptr<ChildProcess> shell(const std::string& script, const std::string& input = "", int kept_fd = -1) {
    const ChildOptions options{"sh", {"sh", "-c", script}, folder.path(), input, kept_fd};
    auto child = start_child(loop.executor(), options, [this](std::string_view line) { lines.emplace_back(line); });
    REQUIRE(child.has_value());
    return std::move(*child);
  }

  bool wait(ChildProcess& child, std::chrono::milliseconds limit = 10s) { return loop.run(child.wait(limit)); }
};

TEST_CASE_FIXTURE(Fixture, "its input and output are ours, and it runs in its folder") {
  const auto child = shell("read word; echo got $word; pwd; echo last without end >&2", "answer\n");
  CHECK(wait(*child));
  CHECK(lines == std::vector<std::string>{"got answer", folder.path().string(), "last without end"});
  CHECK(child->succeeded());
  CHECK(child->end() == "exit status 0");
}

TEST_CASE_FIXTURE(Fixture, "its end is told: by status and by signal") {
  const auto failing = shell("exit 3");
  CHECK(wait(*failing));
  CHECK_FALSE(failing->succeeded());
  CHECK(failing->end() == "exit status 3");
  const auto sleeping = shell("exec sleep 1000");
  CHECK_FALSE(wait(*sleeping, 10ms));
  CHECK(sleeping->running());
  sleeping->send_signal(SIGTERM);
  CHECK(wait(*sleeping));
  CHECK(sleeping->end() == "killed by signal 15");
}

TEST_CASE_FIXTURE(Fixture, "it inherits nothing but the one descriptor, and no ignored signal") {
  const int ours = socket(AF_UNIX, SOCK_STREAM, 0);
  const int kept = open((folder.path() / "kept").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  signal(SIGPIPE, SIG_IGN);
  const ChildOptions listing{"ls", {"ls", "/proc/self/fd"}, folder.path(), {}, kept};
  const auto list = start_child(loop.executor(), listing, [this](std::string_view line) { lines.emplace_back(line); });
  const auto child = shell("echo kept >&3; kill -PIPE $$; echo still here", "", kept);
  REQUIRE(list.has_value());
  CHECK(wait(**list));
  CHECK(wait(*child));
  signal(SIGPIPE, SIG_DFL);
  close(ours);
  close(kept);
  // The last one is the folder that it lists.
  CHECK(fmt::format("{}", fmt::join(lines, " ")) == "0 1 2 3 4");
  CHECK(child->end() == "killed by signal 13");
  CHECK(std::filesystem::file_size(folder.path() / "kept") == 5);
}

TEST_CASE_FIXTURE(Fixture, "it has a process group of its own") {
  const auto child = shell("exec sleep 1000");
  REQUIRE(loop.eventually([&] { return getpgid(child->pid()) == child->pid(); }));
  CHECK(getpgid(child->pid()) != getpgrp());
}

TEST_CASE_FIXTURE(Fixture, "destroyed while it runs, it is gone") {
  pid_t pid = 0;
  {
    const auto child = shell("exec sleep 1000");
    pid = child->pid();
  }
  CHECK(kill(pid, 0) != 0);
}

TEST_CASE_FIXTURE(Fixture, "a program that is not there is named") {
  const ChildOptions options{"no-such-program", {"x"}, folder.path(), {}, -1};
  const auto child = start_child(loop.executor(), options, {});
  REQUIRE_FALSE(child.has_value());
  CHECK(child.error().message.find("no-such-program is not installed") != std::string::npos);
}

}  // namespace
}  // namespace peyk
