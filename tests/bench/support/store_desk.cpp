#include "tests/bench/support/store_desk.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/async/task_group.h"
#include "routing/store/runner.h"

namespace peyk::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

asio::awaitable<void> join(TaskGroup& group) {
  co_await group.join();
}

const redis::Script& script_of(std::string_view name) {
  for (const auto& script : routing::store::all_scripts()) {
    if (script.name == name) return script;
  }
  std::abort();
}

}  // namespace

StoreDesk::StoreDesk(const test::RedisServer& server) : server_(server) {
  redis::ClientOptions options{.endpoint = server.endpoint()};
  options.timeout = std::chrono::seconds(60);
  client_ = redis::create_client(loop_.executor(), options);
  client_->start(routing::store::all_scripts());
  loop_.run(client_->wait_connected(std::chrono::seconds(10)));
}

StoreDesk::~StoreDesk() {
  loop_.run(client_->stop());
}

asio::awaitable<std::string> StoreDesk::call(std::string_view script, std::string arguments, std::string body) {
  std::vector<std::string> argv{std::to_string(now()), "", "", std::move(arguments)};
  if (!body.empty()) argv.push_back(std::move(body));
  const auto started = SteadyClock::now();
  std::vector<std::string> keys{"peyk:{bench}:meta"};
  auto reply = co_await client_->eval(script_of(script), std::move(keys), std::move(argv));
  if (!reply || reply->text.starts_with("{\"error")) {
    fmt::print(stderr, "{}: {}\n", script, reply ? reply->text : reply.error().message);
    std::abort();
  }
  micros.push_back(std::chrono::duration<double, std::micro>(SteadyClock::now() - started).count());
  co_return std::move(reply->text);
}

std::string StoreDesk::now_call(std::string_view script, std::string arguments) {
  return loop_.run(call(script, std::move(arguments)), std::chrono::seconds(60));
}

double StoreDesk::all(Load load, const Worker& worker) {
  TaskGroup group(loop_.executor(), "callers");
  const auto started = SteadyClock::now();
  for (int i = 0; i < load.callers; ++i) group.spawn("caller", worker(load.rounds / load.callers));
  loop_.run(join(group), std::chrono::seconds(1800));
  return std::chrono::duration<double>(SteadyClock::now() - started).count();
}

std::uint64_t StoreDesk::memory() const {
  constexpr std::string_view kName = "used_memory:";
  const auto text = server_.command({"INFO", "memory"}).text;
  return std::stoull(text.substr(text.find(kName) + kName.size()));
}

std::int64_t StoreDesk::now() const {
  constexpr std::int64_t kStart = 1'764'000'000'000;
  return kStart + std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - started_).count();
}

}  // namespace peyk::bench
