// What a peykd costs that does nothing: the time from its start until it is ready on an empty store, its resident
// memory, and what an idle chat socket adds to it. Arguments: chat sockets, and starts (the fastest is printed).
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/daemon.h"
#include "tests/bench/support/http.h"

namespace peyk::bench {
namespace {

constexpr auto kRest = std::chrono::seconds(2);
constexpr int kMinute = 60'000;

void print_starts(int starts) {
  std::vector<Seconds> times(static_cast<std::size_t>(starts));
  std::ranges::generate(times, [] { return Daemon({}).start_time(); });
  std::ranges::sort(times);
  fmt::print("ready after {:.0f} ms (median {:.0f} ms of {} starts on an empty store, its private Redis included)\n",
             times.front().count() * 1e3, times[times.size() / 2].count() * 1e3, starts);
}

/// A visitor who has said hello, and was welcomed.
void open_chat(std::uint16_t port) {
  const int socket = open_websocket(port, "/chat/site", "peyk.chat.v1");
  send_all(socket, client_frame(R"({"type":"hello","name":"Visitor","locale":"en"})"));
  std::string bytes;
  std::array<char, 4096> buffer{};
  while (read_frame(bytes).size == 0) {
    const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) throw std::runtime_error("peykd closed a chat");
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (member(read_frame(bytes).payload, "type") != "welcome") throw std::runtime_error("no welcome: " + bytes);
}

/// Opens them, says so on `ready`, and keeps them.
[[noreturn]] void be_visitors(std::uint16_t port, std::size_t count, int ready) {
  try {
    for (std::size_t at = 0; at < count; ++at) open_chat(port);
    const auto written = ::write(ready, "1", 1);
    if (written == 1) ::pause();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
  }
  std::_Exit(EXIT_FAILURE);
}

void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void print_memory(std::size_t count) {
  const Daemon daemon({});
  std::this_thread::sleep_for(kRest);
  const auto before = daemon.resident_bytes();
  fmt::print("idle: {:.1f} MB resident\n", static_cast<double>(before) / 1e6);
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t visitors = ::fork();
  if (visitors == 0) be_visitors(daemon.port(), count, pipe[1]);
  pollfd ready{.fd = pipe[0], .events = POLLIN, .revents = 0};
  const bool opened = ::poll(&ready, 1, 2 * kMinute) == 1;
  std::this_thread::sleep_for(kRest);
  const auto after = daemon.resident_bytes();
  ::kill(visitors, SIGTERM);
  ::waitpid(visitors, nullptr, 0);
  if (!opened) throw std::runtime_error("the chats were not all opened");
  fmt::print("{} idle chats: {:.1f} MB resident, {:.1f} KB a chat\n", count, static_cast<double>(after) / 1e6,
             static_cast<double>(after - before) / 1e3 / static_cast<double>(count));
}

}  // namespace
}  // namespace peyk::bench

int main(int argc, char** argv) {
  peyk::bench::raise_file_limit();
  peyk::bench::print_starts(argc > 2 ? std::atoi(argv[2]) : 5);
  peyk::bench::print_memory(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000);
}
