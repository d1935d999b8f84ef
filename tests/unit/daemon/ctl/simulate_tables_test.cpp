// A simulation's results as tables and JSON.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "daemon/ctl/simulate_result.h"
#include "tests/support/simulated.h"

namespace peyk::ctl {
namespace {

using routing::simulation::AgentDay;
using routing::simulation::Matter;
using routing::simulation::Outcome;
using test::yerevan;

Outcome outcome(int wait_seconds) {
  Outcome made;
  for (int count = 0; count < 4; ++count) {
    Matter matter;
    matter.name = fmt::format("case {}", count);
    matter.queue = QueueName("service");
    matter.agent = AgentName("ani");
    matter.arrived = yerevan(9, count);
    matter.answered = matter.arrived + std::chrono::seconds(wait_seconds * (count + 1));
    matter.promise = std::chrono::minutes(2);
    made.matters.push_back(matter);
  }
  AgentDay day;
  day.agent = AgentName("ani");
  day.present = std::chrono::hours(8);
  day.idle = std::chrono::hours(2);
  day.unit_seconds = 3600 * 8;
  day.offered = 5;
  day.answered = 4;
  made.agents.push_back(day);
  return made;
}

SimulateResult result(const std::vector<std::vector<int>>& waits) {
  SimulateResult made;
  made.source = "day.csv";
  made.timezone = "Asia/Yerevan";
  made.begin = yerevan(9);
  made.end = yerevan(17);
  for (const auto& of_config : waits) {
    std::vector<Outcome> outcomes;
    outcomes.reserve(of_config.size());
    for (const int wait : of_config) outcomes.push_back(outcome(wait));
    made.configs.push_back(make_simulated(test::load_right(test::simulated_desk()), std::move(outcomes), made.end));
  }
  for (std::uint64_t seed = 1; seed <= waits.front().size(); ++seed) made.seeds.push_back(seed);
  return made;
}

std::string tables(const std::vector<std::vector<int>>& waits) {
  return render_tables(result(waits), Style(false));
}

bool has(const std::string& text, std::string_view line) {
  return text.find(line) != std::string::npos;
}

}  // namespace

TEST_CASE("one run is shown by queue, agent and worst wait, and says nothing of chance") {
  const auto text = tables({{30}});
  CAPTURE(text);
  CHECK(has(text, "day.csv, 2026-11-21 09:00 to 2026-11-21 17:00, seed 1\n\npeyk.yaml\n"));
  CHECK(has(text, "service  4        4         0          0           100.0 %     1 min 00  2 min 00"));
  CHECK(has(text, "billing  0        0         0          0           –           –"));
  CHECK(has(text,
            "AGENT  OFFERS  ANSWERED  LEFT  IN PROMISE  WAIT P50  P90       P95       P99       LONGEST   PRESENT"));
  CHECK(has(text,
            "ani    5       4         0     100.0 %     1 min 00  2 min 00  2 min 00  2 min 00  2 min 00  8 h 00"
            "   25.0 %  75.0 %\n"));
  CHECK(has(text, "Never there: 2 more."));
  CHECK(has(text, "2 min 00     case 3        service  09:03:00  answered  ani\n"));
  CHECK_FALSE(has(text, "INTERVAL"));
}

TEST_CASE("the agents' table fits a wide terminal") {
  const auto text = tables({{7}});
  CAPTURE(text);
  const auto begin = text.find("AGENT ");
  CHECK(text.find('\n', begin) - begin <= 120);
}

TEST_CASE("several runs of one configuration are estimated, and the worst waits name their seed") {
  const auto text = tables({{30, 40}});
  CAPTURE(text);
  CHECK(has(text, "2 runs, seeds 1 to 2"));
  CHECK(has(text, "wait, longest       all      2 min 20          0.0 s to 6 min 34"));
  CHECK(has(text, "2 min 40     case 3        service  09:03:00  answered  ani    2\n"));
}

TEST_CASE("of two configurations the difference is shown, with who is better where chance does not explain it") {
  const auto text = tables({{30, 31, 29}, {10, 10, 10}});
  CAPTURE(text);
  CHECK(has(text, "\nA  peyk.yaml\n"));
  CHECK(has(text, "\nB  peyk.yaml\n"));
  CHECK(has(text, "wait, longest       all      2 min 00  40 s     +1 min 20"));
  CHECK(has(text, "B\n"));
  CHECK(has(text, "within promise      all      91.7 %    100.0 %  −8.3 points"));
  CHECK(has(tables({{30}, {10}}), "One run says nothing of chance"));
}

TEST_CASE("the same runs give the same JSON") {
  const auto once = boost::json::serialize(render_json(result({{30, 40}, {10, 20}})));
  CHECK(once == boost::json::serialize(render_json(result({{30, 40}, {10, 20}}))));
  CHECK(boost::json::parse(once).at("difference").as_array().size() > 9);
}

}  // namespace peyk::ctl
