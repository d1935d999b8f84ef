// A million random events against the reference model. Options: the number of events, the first seed.
#include <chrono>
#include <span>
#include <string>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "tests/support/traffic.h"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  spdlog::set_level(spdlog::level::warn);
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const long long events = argc > 1 ? std::stoll(arguments[1]) : 1'000'000;
  const unsigned long long first = argc > 2 ? std::stoull(arguments[2]) : 1;
  constexpr int kEach = 2'500;
  const peyk::test::RedisServer server;
  const auto started = Clock::now();
  for (long long done = 0; done < events; done += kEach) {
    const auto seed = first + static_cast<unsigned long long>(done / kEach);
    if (const auto failure = peyk::test::run_traffic(server.endpoint(), seed, kEach)) {
      fmt::print(stderr, "{}", *failure);
      return 1;
    }
    if ((done / kEach) % 40 == 39) {
      const std::chrono::duration<double> passed = Clock::now() - started;
      fmt::print("{} events, {:.0f} s, nothing broken\n", done + kEach, passed.count());
    }
  }
  return 0;
}
