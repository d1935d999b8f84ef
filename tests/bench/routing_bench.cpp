// The routing engine's figures: decisions and whole cycles a second, their latencies, flatness in agents and backlog,
// memory a waiting conversation, and beside them the bare cost of as many Redis commands in one script.
//
// Options: `quick` leaves the largest desks out.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/task_group.h"
#include "base/random.h"
#include "base/redis/client.h"
#include "routing/store/runner.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

namespace peyk::test {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kQueues = 20;
constexpr int kSkills = 5;
constexpr int kQueuesOfAgent = 3;
constexpr int kCallers = 50;
constexpr std::string_view kText =
    "The cooler that came last week leaks on its left side, and the light above the switch stays red whatever we do. "
    "Could somebody tell us what to check, or send a person? We live in Yerevan, third floor, Abovyan street.";

class Desk {
 public:
  explicit Desk(const RedisServer& server) : server_(server) {
    redis::ClientOptions options{.endpoint = server.endpoint()};
    options.timeout = std::chrono::seconds(60);
    client_ = redis::create_client(loop_.executor(), options);
    client_->start(routing::store::all_scripts());
    loop_.run(client_->wait_connected(std::chrono::seconds(10)));
  }
  ~Desk() { loop_.run(client_->stop()); }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  asio::awaitable<std::string> call(std::string_view script, std::string arguments, std::string body = {}) {
    std::vector<std::string> argv{std::to_string(now), "", "", std::move(arguments)};
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

  std::string now_call(std::string_view script, std::string arguments) {
    return loop_.run(call(script, std::move(arguments)), std::chrono::seconds(60));
  }

  /// Runs `times` rounds of `worker` by 50 callers at once; seconds it took.
  template <typename Worker>
  double all(int times, Worker worker) {
    TaskGroup group(loop_.executor(), "callers");
    const auto started = SteadyClock::now();
    for (int i = 0; i < kCallers; ++i) group.spawn("caller", worker(times / kCallers));
    loop_.run(join(group), std::chrono::seconds(1800));
    return std::chrono::duration<double>(SteadyClock::now() - started).count();
  }

  Loop& loop() { return loop_; }
  redis::Client& client() { return *client_; }
  std::uint64_t memory() const { return info("memory", "used_memory:"); }
  std::uint64_t info(const std::string& section, std::string_view name) const {
    const auto text = server_.command({"INFO", section}).text;
    return std::stoull(text.substr(text.find(name) + name.size()));
  }

  std::int64_t now = 1'764'000'000'000;
  std::vector<double> micros;

 private:
  static asio::awaitable<void> join(TaskGroup& group) { co_await group.join(); }

  static const redis::Script& script_of(std::string_view name) {
    for (const auto& script : routing::store::all_scripts()) {
      if (script.name == name) return script;
    }
    std::abort();
  }

  const RedisServer& server_;
  Loop loop_;
  std::unique_ptr<redis::Client> client_;
};

std::string member(std::string_view json, std::string_view name) {
  const auto mark = fmt::format("\"{}\":\"", name);
  const auto at = json.find(mark);
  if (at == std::string_view::npos) return {};
  const auto from = at + mark.size();
  return std::string(json.substr(from, json.find('"', from) - from));
}

struct Offer {
  std::string id, agent, conversation;
};

/// The offers that a call made.
void offers_in(std::string_view reply, std::deque<Offer>& into) {
  const auto made = reply.find("\"made\":[");
  if (made == std::string_view::npos) return;
  const auto end = reply.find(']', made);
  for (auto at = reply.find('{', made); at < end; at = reply.find('{', at + 1)) {
    const auto one = reply.substr(at, reply.find('}', at) - at);
    into.push_back({member(one, "offer"), member(one, "agent"), member(one, "conversation")});
  }
}

/// 20 queues, 3 kinds, agents with 5 skills of levels 1 to 5 and 3 queues each.
class Floor {
 public:
  Floor(Desk& desk, int agents) : desk_(desk), random_(7) {
    desk_.now_call("roster_settings", R"({"presence":{"lease":20000,"grace":30000,"reassign_after":120000},
      "conversations":{"reopen_within":604800000,"last_agent_within":2592000000,"pending_for":259200000,
      "keep_delivery_keys":2592000000},"urgency":{"exponent":1,"values":{"low":0.5,"normal":1,"high":2,"urgent":4}},
      "kinds":{"chat":{"weight":200,"dormant_weight":50},"email":{"weight":100},"form":{"weight":100}}})");
    for (int i = 0; i < kQueues; ++i) {
      desk_.now_call("roster_queue",
                     fmt::format(R"({{"queue":"q{}","promise_s":120,"offer":{{"timeout":86400000,"cooldown":60000,
                       "cooldown_max":600000,"misses_before_away":3,"parallel":1}}}})",
                                 i));
    }
    for (int i = 0; i < agents; ++i) add(i);
  }

  void available(int agents, std::deque<Offer>* made) {
    for (int i = 0; i < agents; ++i) {
      desk_.now_call("renew", fmt::format(R"({{"agent":"agent-{}","socket":"s"}})", i));
      const auto reply = desk_.now_call(
          "presence", fmt::format(R"({{"agent":"agent-{0}","actor":{{"kind":"agent","name":"agent-{0}"}},)"
                                  R"("state":"available"}})",
                                  i));
      offers_in(reply, *made);
    }
  }

  asio::awaitable<std::string> arrive() {
    const auto n = ++count_;
    const auto level = below(3);
    const auto require = level == 0 ? std::string() : fmt::format(R"("require":{{"s{}":{}}},)", below(kSkills), level);
    constexpr std::string_view kKinds[] = {"chat", "email", "form"};
    const auto kind = kKinds[static_cast<std::size_t>(below(3))];
    // Ids of the length that the daemon makes.
    auto arguments = fmt::format(
        R"({{"conversation":"c_{0:016}","message":"m_{0:016}","contact":"p_{0:016}","token":"{0:022}",)"
        R"("delivery_key":"<{0:032}@mail.example>","channel":"support","kind":"{1}","name":"Sara Petrosyan",)"
        R"("subject":"The cooler leaks again","sender":{{"kind":"email","value":"sara.{0}@customers.example"}},)"
        R"("class":{{"queue":"q{2}",{3}"priority":"normal","promise_s":120,"first_reply_by":{4},"resolve_by":{5},)"
        R"("language":"en","rule":"route 3","config_version":"0123456789abcdef"}}}})",
        n, kind, below(kQueues), require, desk_.now + 120'000, desk_.now + 86'400'000);
    desk_.now += 10;
    auto reply = co_await desk_.call("receive", std::move(arguments), fmt::format(R"({{"text":"{}"}})", kText));
    co_return std::move(reply);
  }

  int below(int limit) { return static_cast<int>(random_.next() % static_cast<std::uint64_t>(limit)); }

 private:
  void add(int number) {
    std::string skills;
    for (int i = 0; i < kSkills; ++i) skills += fmt::format("{}\"s{}\":{}", i == 0 ? "" : ",", i, 1 + below(5));
    std::string queues;
    const int first = below(kQueues);
    for (int i = 0; i < kQueuesOfAgent; ++i) {
      queues += fmt::format("{}\"q{}\"", i == 0 ? "" : ",", (first + 7 * i) % kQueues);
    }
    desk_.now_call("roster_agent", fmt::format(R"({{"agent":"agent-{0}","name":"Agent {0}","skills":{{{1}}},)"
                                               R"("queues":[{2}],"capacity":600}})",
                                               number, skills, queues));
  }

  Desk& desk_;
  SeededRandom random_;
  int count_ = 0;
};

asio::awaitable<void> accept(Desk& desk, const Offer& offer) {
  co_await desk.call("accept", fmt::format(R"({{"agent":"{0}","actor":{{"kind":"agent","name":"{0}"}},"offer":"{1}"}})",
                                           offer.agent, offer.id));
}

asio::awaitable<std::string> resolve(Desk& desk, const Offer& offer) {
  auto reply = co_await desk.call(
      "resolve", fmt::format(R"({{"conversation":"{1}","agent":"{0}","actor":{{"kind":"agent","name":"{0}"}}}})",
                             offer.agent, offer.conversation));
  co_return std::move(reply);
}

/// Arrive, offer, accept, resolve. With a backlog, what is resolved makes room for what waits, and the arrival waits.
asio::awaitable<void> cycles(Desk& desk, Floor& floor, int times, std::deque<Offer>* live) {
  for (int i = 0; i < times; ++i) {
    const auto reply = co_await floor.arrive();
    offers_in(reply, *live);
    if (live->empty()) continue;
    const auto offer = std::move(live->front());
    live->pop_front();
    co_await accept(desk, offer);
    const auto made = co_await resolve(desk, offer);
    offers_in(made, *live);
  }
}

asio::awaitable<void> arrivals(Floor& floor, int times) {
  for (int i = 0; i < times; ++i) co_await floor.arrive();
}

double quantile(std::vector<double>& micros, double share) {
  std::ranges::sort(micros);
  return micros.empty() ? 0 : micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
}

void print_row(std::string_view label, double per_second, double redis_micros, std::vector<double>& micros) {
  fmt::print("{:<34} {:>9.0f} {:>8.1f} {:>8.0f} {:>8.0f} {:>8.0f}\n", label, per_second, redis_micros,
             quantile(micros, 0.5), quantile(micros, 0.99), quantile(micros, 0.999));
}

/// Microseconds of Redis for a call of the scripts since the last reset.
double script_micros(const RedisServer& server) {
  const auto text = server.command({"INFO", "commandstats"}).text;
  const auto at = text.find("cmdstat_fcall:");
  if (at == std::string::npos) return 0;
  const auto mark = text.find("usec_per_call=", at);
  return std::stod(text.substr(mark + 14));
}

void bench_desk(int agents, int backlog, int rounds) {
  const RedisServer server;
  Desk desk(server);
  Floor floor(desk, agents);
  if (backlog > 0) {
    // Nobody is there yet, so that all of it waits.
    desk.all(backlog, [&](int times) { return arrivals(floor, times); });
  }
  std::deque<Offer> live;
  floor.available(agents, &live);
  desk.all(rounds / 5, [&](int times) { return cycles(desk, floor, times, &live); });
  desk.micros.clear();
  server.command({"CONFIG", "RESETSTAT"});
  const auto seconds = desk.all(rounds, [&](int times) { return cycles(desk, floor, times, &live); });
  print_row(fmt::format("cycles, {} agents, {} waiting", agents, backlog), rounds / seconds, script_micros(server),
            desk.micros);
  desk.micros.clear();
  server.command({"CONFIG", "RESETSTAT"});
  const auto arriving = desk.all(rounds, [&](int times) { return arrivals(floor, times); });
  print_row(fmt::format("decisions, {} agents, {} waiting", agents, backlog), rounds / arriving, script_micros(server),
            desk.micros);
}

void bench_memory(int conversations) {
  const RedisServer server;
  Desk desk(server);
  Floor floor(desk, 100);
  desk.all(1000, [&](int times) { return arrivals(floor, times); });
  const auto stream = [&] {
    return std::stoull(
        "0" + std::to_string(server.command({"MEMORY", "USAGE", "peyk:{bench}:events", "SAMPLES", "0"}).integer));
  };
  const auto before = desk.memory() - stream();
  desk.all(conversations, [&](int times) { return arrivals(floor, times); });
  const auto after = desk.memory() - stream();
  fmt::print(
      "\nmemory of a waiting conversation with a {}-character message, its new contact and delivery key: {} bytes "
      "(events, trimmed by age: {} bytes more)\n",
      kText.size(), (after - before) / static_cast<std::uint64_t>(conversations),
      stream() / static_cast<std::uint64_t>(conversations + 1000));
}

asio::awaitable<void> bare(redis::Client& client, const redis::Script& script, int times) {
  for (int i = 0; i < times; ++i) {
    auto reply = co_await client.eval(script, {"peyk:{bench}:z"}, {std::to_string(i)});
    if (!reply) std::abort();
  }
}

void bench_bare(int rounds) {
  const RedisServer server;
  Desk desk(server);
  const auto script =
      redis::make_script("forty", "for i = 1, 40 do redis.call('ZADD', KEYS[1], ARGV[1], 'member-' .. i) end return 1");
  const auto seconds = desk.all(rounds, [&](int times) { return bare(desk.client(), script, times); });
  std::vector<double> none;
  const auto text = server.command({"INFO", "commandstats"}).text;
  const auto mark = text.find("usec_per_call=", text.find("cmdstat_evalsha:"));
  print_row("bare: 40 ZADD in one script", rounds / seconds, std::stod(text.substr(mark + 14)), none);
}

void run(bool quick) {
  spdlog::set_level(spdlog::level::warn);
  fmt::print(
      "{} queues, 3 kinds, {} skills and {} queues an agent, {} callers on one connection, Redis on the same "
      "machine\n",
      kQueues, kSkills, kQueuesOfAgent, kCallers);
  fmt::print("{:<34} {:>9} {:>8} {:>8} {:>8} {:>8}\n", "", "a second", "Redis µs", "p50 µs", "p99 µs", "p99.9 µs");
  bench_bare(20'000);
  for (const int agents : {10, 100, 1000}) bench_desk(agents, 0, 20'000);
  if (!quick) bench_desk(10'000, 0, 20'000);
  bench_desk(1000, 1000, 20'000);
  bench_desk(1000, 100'000, 20'000);
  if (!quick) bench_desk(1000, 1'000'000, 20'000);
  bench_memory(50'000);
}

}  // namespace
}  // namespace peyk::test

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  peyk::test::run(argc > 1 && std::string_view(arguments[1]) == "quick");
}
