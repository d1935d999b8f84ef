// What the Redis client costs: GETs by many callers who share one connection, against a redis-server on this machine.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/task_group.h"
#include "base/redis/client.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

namespace peyk::redis {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kCalls = 400'000;

asio::awaitable<void> get(Client& client, int times, std::vector<double>* micros) {
  for (int i = 0; i < times; ++i) {
    const auto before = SteadyClock::now();
    const auto reply = co_await client.call({"GET", "key"});
    if (!reply || reply->text.size() != 100) std::abort();
    micros->push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - before).count());
  }
}

asio::awaitable<void> join(TaskGroup& group) {
  co_await group.join();
}
asio::awaitable<void> stop(Client& client) {
  co_await client.stop();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void measure(test::Loop& loop, Client& client, int callers) {
  std::vector<double> micros;
  micros.reserve(kCalls);
  TaskGroup group(loop.executor(), "callers");
  const int calls = callers == 1 ? kCalls / 10 : kCalls;
  const auto start = SteadyClock::now();
  const double cpu = cpu_seconds();
  for (int i = 0; i < callers; ++i) group.spawn("caller", get(client, calls / callers, &micros));
  loop.run(join(group), std::chrono::seconds(120));
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  const double used = cpu_seconds() - cpu;
  std::ranges::sort(micros);
  const auto quantile = [&micros](double share) {
    return micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  const auto count = static_cast<double>(micros.size());
  fmt::print("{:>8} {:>12.0f} {:>12.2f} {:>10.0f} {:>10.0f} {:>10.0f}\n", callers, count / seconds, used * 1e6 / count,
             quantile(0.5), quantile(0.99), quantile(0.999));
}

void run() {
  spdlog::set_level(spdlog::level::warn);
  const test::RedisServer server;
  server.command({"SET", "key", std::string(100, 'v')});
  test::Loop loop;
  ClientOptions options;
  options.endpoint = server.endpoint();
  const auto client = create_client(loop.executor(), options);
  client->start({});
  loop.run(client->wait_connected(std::chrono::seconds(5)));
  fmt::print("GET of 100 bytes over one Unix socket, the client on one core\n");
  fmt::print("{:>8} {:>12} {:>12} {:>10} {:>10} {:>10}\n", "callers", "calls/s", "µs CPU/call", "p50 µs", "p99 µs",
             "p99.9 µs");
  for (const int callers : {1, 10, 100, 1000, 10'000}) measure(loop, *client, callers);
  loop.run(stop(*client));
}

}  // namespace
}  // namespace peyk::redis

int main() {
  peyk::redis::run();
}
