// The routing engine's figures: decisions and whole cycles a second, their latencies, flatness in agents and backlog,
// memory a waiting conversation, and beside them the bare cost of as many Redis commands in one script.
//
// Option: `quick` leaves the largest desks out; `memory`: the memory alone; a number: a desk of so many agents alone,
// and the best of many short runs, for comparing two builds on a busy machine.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
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
constexpr int kRounds = 20'000;
constexpr std::string_view kText =
    "The cooler that came last week leaks on its left side, and the light above the switch stays red whatever we do. "
    "Could somebody tell us what to check, or send a person? We live in Yerevan, third floor, Abovyan street.";

struct Load {
  int rounds;
  int callers = kCallers;
};

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

  std::string now_call(std::string_view script, std::string arguments) {
    return loop_.run(call(script, std::move(arguments)), std::chrono::seconds(60));
  }

  /// Runs the rounds of `worker`; seconds it took.
  template <typename Worker>
  double all(Load load, Worker worker) {
    TaskGroup group(loop_.executor(), "callers");
    const auto started = SteadyClock::now();
    for (int i = 0; i < load.callers; ++i) group.spawn("caller", worker(load.rounds / load.callers));
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

  /// The desk's time goes as the clock does: what scripts keep for a while, they keep as long as in a real desk.
  std::int64_t now() const {
    constexpr std::int64_t kStart = 1'764'000'000'000;
    return kStart + std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - started_).count();
  }

  std::vector<double> micros;

 private:
  static asio::awaitable<void> join(TaskGroup& group) { co_await group.join(); }

  static const redis::Script& script_of(std::string_view name) {
    for (const auto& script : routing::store::all_scripts()) {
      if (script.name == name) return script;
    }
    std::abort();
  }

  const SteadyClock::time_point started_ = SteadyClock::now();
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
    const auto now = desk_.now();
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
        n, kind, below(kQueues), require, now + 120'000, now + 86'400'000);
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

asio::awaitable<void> arrivals(Floor& floor, int times, std::deque<Offer>* live) {
  for (int i = 0; i < times; ++i) {
    const auto reply = co_await floor.arrive();
    offers_in(reply, *live);
  }
}

/// What the server has done so far.
struct Work {
  double cpu_micros = 0;
  std::uint64_t calls = 0;     // of scripts
  std::uint64_t commands = 0;  // by them
};

double number_after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  return at == std::string_view::npos ? 0 : std::stod(std::string(text.substr(at + mark.size(), 30)));
}

Work work_of(const RedisServer& server) {
  const auto cpu = server.command({"INFO", "cpu"}).text;
  Work work;
  work.cpu_micros = 1e6 * (number_after(cpu, "used_cpu_user:") + number_after(cpu, "used_cpu_sys:"));
  const auto stats = server.command({"INFO", "commandstats"}).text;
  for (auto at = stats.find("cmdstat_"); at != std::string::npos; at = stats.find("cmdstat_", at + 1)) {
    const auto line = std::string_view(stats).substr(at, stats.find('\n', at) - at);
    const auto count = static_cast<std::uint64_t>(number_after(line, "calls="));
    const bool script = line.starts_with("cmdstat_fcall") || line.starts_with("cmdstat_eval");
    (script ? work.calls : work.commands) += count;
  }
  return work;
}

/// One line of the table.
struct Row {
  double per_second = 0;
  double cpu_micros = 0;  // of Redis, for one
  double calls = 0;
  double commands = 0;
  std::array<double, 4> latency{};  // of a call, µs: p50, p95, p99, p99.9
};

void print(std::string_view label, const Row& row) {
  fmt::print("{:<40} {:>8.0f} {:>8.1f} {:>6.1f} {:>8.1f}", label, row.per_second, row.cpu_micros, row.calls,
             row.commands);
  for (const auto latency : row.latency) fmt::print(" {:>8.0f}", latency);
  fmt::print("\n");
  std::fflush(stdout);
}

std::array<double, 4> quantiles(std::vector<double>& micros) {
  std::ranges::sort(micros);
  std::array<double, 4> found{};
  constexpr std::array kShares{0.5, 0.95, 0.99, 0.999};
  for (std::size_t i = 0; i < found.size() && !micros.empty(); ++i) {
    found[i] = micros[static_cast<std::size_t>(kShares[i] * static_cast<double>(micros.size() - 1))];
  }
  return found;
}

/// Measures `rounds` rounds by `callers`.
template <typename Worker>
Row measure(const RedisServer& server, Desk& desk, Load load, Worker worker) {
  desk.micros.clear();
  const auto before = work_of(server);
  const auto seconds = desk.all(load, worker);
  const auto after = work_of(server);
  const double rounds = load.rounds;
  return {rounds / seconds, (after.cpu_micros - before.cpu_micros) / rounds,
          static_cast<double>(after.calls - before.calls) / rounds,
          static_cast<double>(after.commands - before.commands) / rounds, quantiles(desk.micros)};
}

/// A floor, and what is live on it.
struct Scene {
  RedisServer server;
  Desk desk{server};
  Floor floor;
  std::deque<Offer> live;
  int waiting = 0;

  explicit Scene(int agents) : floor(desk, agents) {
    floor.available(agents, &live);
    desk.all({kRounds / 5}, cycling());
  }

  std::function<asio::awaitable<void>(int)> cycling() {
    return [this](int times) { return cycles(desk, floor, times, &live); };
  }
  std::function<asio::awaitable<void>(int)> arriving() {
    return [this](int times) { return arrivals(floor, times, &live); };
  }

  /// Lets conversations arrive until about so many wait.
  void fill(int until) {
    const auto more = until - waiting;
    if (more >= kCallers) desk.all({more}, arriving());
    waiting = until;
  }
};

struct Pair {
  Row cycle, decision;
};

Pair bench(Scene& scene, std::string_view label) {
  Pair rows;
  rows.cycle = measure(scene.server, scene.desk, {kRounds}, scene.cycling());
  print(fmt::format("cycle, {}", label), rows.cycle);
  rows.decision = measure(scene.server, scene.desk, {kRounds}, scene.arriving());
  print(fmt::format("decision, {}", label), rows.decision);
  return rows;
}

Pair bench_agents(int agents) {
  Scene scene(agents);
  return bench(scene, fmt::format("{} agents", agents));
}

/// 1,000 agents, from nothing waiting to a million.
std::vector<Pair> bench_backlog(const std::vector<int>& backlogs) {
  Scene scene(1000);
  std::vector<Pair> rows;
  for (const int waiting : backlogs) {
    scene.fill(waiting);
    rows.push_back(bench(scene, fmt::format("1000 agents, {} waiting", waiting)));
  }
  print("one caller: cycle, the same desk", measure(scene.server, scene.desk, {2000, 1}, scene.cycling()));
  return rows;
}

/// Bytes of a waiting conversation, apart from its events, and of those.
void bench_memory(int conversations) {
  const RedisServer server;
  Desk desk(server);
  Floor floor(desk, 100);
  std::deque<Offer> none;
  const auto arriving = [&](int times) { return arrivals(floor, times, &none); };
  desk.all({1000}, arriving);
  const auto events = [&] {
    const auto size = server.command({"MEMORY", "USAGE", "peyk:{bench}:events", "SAMPLES", "0"}).integer;
    return static_cast<double>(size);
  };
  const auto events_before = events();
  const auto before = static_cast<double>(desk.memory()) - events_before;
  desk.all({conversations}, arriving);
  const auto events_after = events();
  const auto bytes = static_cast<double>(desk.memory()) - events_after - before;
  fmt::print(
      "\na waiting conversation with a {}-character message, its new contact, delivery key and timer: {:.0f} bytes; its "
      "events, trimmed by age: {:.0f} bytes\n",
      kText.size(), bytes / conversations, (events_after - events_before) / conversations);
}

asio::awaitable<void> bare(redis::Client& client, const redis::Script& script, int commands, int times) {
  for (int i = 0; i < times; ++i) {
    std::vector<std::string> arguments{std::to_string(commands / 4), std::to_string(i)};
    auto reply = co_await client.eval(script, {"peyk:{bench}:bare"}, std::move(arguments));
    if (!reply) std::abort();
  }
}

/// As many commands as those of `row`, and nothing else, in one script.
void bench_bare(std::string_view label, const Row& row) {
  const RedisServer server;
  Desk desk(server);
  const auto script = redis::make_script("bare", R"(
    local hash, set, at = KEYS[1] .. ':hash:' .. ARGV[2] % 1000, KEYS[1] .. ':set', ARGV[2]
    for i = 1, ARGV[1] do
      redis.call('HGET', hash, 'field')
      redis.call('HSET', hash, 'field', at)
      redis.call('ZADD', set, at, hash)
      redis.call('ZRANGE', set, 0, 0)
    end
    return 1)");
  const int commands = static_cast<int>(row.commands + 2) / 4 * 4;
  const auto worker = [&](int times) { return bare(desk.client(), script, commands, times); };
  auto alone = measure(server, desk, {kRounds}, worker);
  print(fmt::format("bare: {} commands in one script", commands), alone);
  fmt::print("{:<40} Peyk's own share: {:.0f} %\n", label, 100 * (1 - alone.cpu_micros / row.cpu_micros));
}

void print_flatness(std::string_view what, const Pair& from, const Pair& to) {
  fmt::print("{:<40} cycle × {:.2f}, decision × {:.2f} (CPU time of Redis)\n", what,
             to.cycle.cpu_micros / from.cycle.cpu_micros, to.decision.cpu_micros / from.decision.cpu_micros);
}

void probe(int agents) {
  spdlog::set_level(spdlog::level::warn);
  Scene scene(agents);
  for (const bool cycle : {true, false}) {
    double best = 1e9;
    for (int i = 0; i < 40; ++i) {
      const auto row = measure(scene.server, scene.desk, {500}, cycle ? scene.cycling() : scene.arriving());
      best = std::min(best, row.cpu_micros);
    }
    fmt::print("{}, {} agents: {:.1f} µs of Redis\n", cycle ? "cycle" : "decision", agents, best);
  }
}

void run(bool quick) {
  spdlog::set_level(spdlog::level::warn);
  fmt::print(
      "{} queues, 3 kinds, {} skills and {} queues an agent; {} callers on one connection, Redis on the same machine\n"
      "cycle: arrive, offer, accept, resolve (2 decisions); decision: a new conversation seeks an agent, and is offered "
      "or waits\n\n",
      kQueues, kSkills, kQueuesOfAgent, kCallers);
  fmt::print("{:<40} {:>8} {:>8} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "", "a second", "Redis µs", "calls",
             "commands", "p50 µs", "p95", "p99", "p99.9");
  const auto few = bench_agents(10);
  bench_agents(100);
  const auto backlog = bench_backlog(quick ? std::vector{0, 1000, 100'000} : std::vector{0, 1000, 100'000, 1'000'000});
  const auto many = quick ? backlog.front() : bench_agents(10'000);
  bench_bare("decision, 1000 agents", backlog.front().decision);
  bench_bare("cycle, 1000 agents", backlog.front().cycle);
  fmt::print("\n");
  print_flatness(quick ? "from 10 to 1,000 agents" : "from 10 to 10,000 agents", few, many);
  print_flatness(quick ? "from 0 to 100,000 waiting" : "from 0 to 1,000,000 waiting", backlog.front(), backlog.back());
  bench_memory(50'000);
}

}  // namespace
}  // namespace peyk::test

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const std::string only = argc > 1 ? arguments[1] : "";
  if (only.empty() || only == "quick") {
    peyk::test::run(only == "quick");
  } else if (only == "memory") {
    spdlog::set_level(spdlog::level::warn);
    peyk::test::bench_memory(50'000);
  } else {
    peyk::test::probe(std::stoi(only));
  }
}
