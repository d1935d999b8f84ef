#include "tests/support/simulated_day.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

#include "base/redis/client.h"
#include "routing/simulation/simulator.h"
#include "routing/store/runner.h"
#include "tests/support/config_text.h"

namespace peyk::test {

using namespace std::chrono_literals;
using routing::simulation::Arrival;
using routing::simulation::Day;
using routing::simulation::Outcome;

config::ConfigPtr desk_of_day(std::string_view rest) {
  constexpr std::string_view kHead = R"(version: 1
desk: simulated
state_dir: /tmp
redis: {embedded: true}
http: {listen: "127.0.0.1:0"}
channels:
  chat: {kind: chat}
  mail: {kind: email, address: a@kouh.example, smtp: {url: "maildir:/tmp/never"}}
)";
  return load_right(std::string(kHead).append(rest));
}

Day day_of(std::chrono::milliseconds length) {
  Day day;
  day.begin = kMorning;
  day.end = kMorning + length;
  return day;
}

Arrival chat(std::chrono::milliseconds at, std::chrono::milliseconds handling) {
  Arrival arrival;
  arrival.at = kMorning + at;
  arrival.name = fmt::format("chat at {}", at.count());
  arrival.channel = ChannelName("chat");
  arrival.handling = handling;
  return arrival;
}

routing::simulation::Shift shift(std::string_view agent, std::chrono::milliseconds from, std::chrono::milliseconds to) {
  return {AgentName(std::string(agent)), kMorning + from, kMorning + to};
}

void sort_arrivals(Day& day) {
  std::ranges::sort(day.arrivals, {}, [](const Arrival& arrival) { return std::tie(arrival.at, arrival.handling); });
}

std::int64_t after(const std::optional<Time>& at) {
  return at ? (*at - kMorning).count() : -1;
}

std::string shown(const Outcome& outcome) {
  std::string text;
  for (const auto& matter : outcome.matters) {
    text += fmt::format("{} {} {} {} {} {} {} {}\n", matter.name, matter.queue.str(), matter.agent.str(),
                        after(matter.offered), after(matter.answered), after(matter.finished), matter.abandoned,
                        matter.offers);
  }
  for (const auto& agent : outcome.agents) {
    text += fmt::format("{} {} {} {} {}\n", agent.agent.str(), agent.present.count(), agent.idle.count(),
                        agent.unit_seconds, agent.answered);
  }
  for (const auto& sample : outcome.samples) {
    text += fmt::format("{} {} {}\n", to_unix_ms(sample.at), sample.queue.str(), sample.waiting);
  }
  return text + std::to_string(outcome.script_calls);
}

Result<Outcome> attempt_day(Loop& loop, const RedisServer& server, const config::ConfigPtr& config, const Day& day) {
  redis::ClientOptions options{.endpoint = server.endpoint()};
  options.timeout = 60s;
  const auto client = redis::create_client(loop.executor(), options);
  client->start(routing::store::all_scripts());
  auto outcome = loop.run(routing::simulation::simulate(*client, {config, &day, 1}), 300s);
  loop.run(client->stop());
  return outcome;
}

Outcome run_day(Loop& loop, const RedisServer& server, const config::ConfigPtr& config, const Day& day) {
  auto outcome = attempt_day(loop, server, config, day);
  if (!outcome) throw std::runtime_error(outcome.error().message);
  return std::move(*outcome);
}

}  // namespace peyk::test
