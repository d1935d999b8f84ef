// The figures of a simulated day.
#include "routing/simulation/report.h"

#include <doctest/doctest.h>

#include "routing/simulation/report_json.h"
#include "tests/support/simulated.h"

namespace peyk::routing::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using test::yerevan;

const Time kEnd = yerevan(17);

Matter matter(std::string name, Time arrived) {
  Matter made;
  made.name = std::move(name);
  made.queue = QueueName("service");
  made.arrived = arrived;
  made.promise = minutes(2);
  return made;
}

Matter answered(std::string name, int wait_seconds, const char* agent = "ani") {
  auto made = matter(std::move(name), yerevan(9));
  made.agent = AgentName(agent);
  made.answered = made.arrived + seconds(wait_seconds);
  made.finished = *made.answered + minutes(5);
  return made;
}

Matter left(std::string name, int wait_seconds) {
  auto made = matter(std::move(name), yerevan(9));
  made.abandoned = true;
  made.finished = made.arrived + seconds(wait_seconds);
  return made;
}

AgentDay agent_day(const char* name, int present_minutes, int idle_minutes, double unit_minutes) {
  AgentDay day;
  day.agent = AgentName(name);
  day.present = minutes(present_minutes);
  day.idle = minutes(idle_minutes);
  day.unit_seconds = unit_minutes * 60;
  day.offered = 5;
  day.answered = 4;
  return day;
}

Report report_of(const Outcome& outcome) {
  const std::vector<RunOutcome> runs{{&outcome, kEnd}};
  return make_report(runs, *test::load_right(test::simulated_desk()));
}

}  // namespace

TEST_CASE("conversations are counted by what became of them, and waits end with answer or leaving") {
  Outcome outcome;
  outcome.matters = {answered("a", 10), answered("b", 20), answered("c", 30), left("d", 100),
                     matter("e", kEnd - minutes(10))};
  const auto report = report_of(outcome);
  const auto& service = report.queues.at(QueueName("service"));
  CHECK(service.offered == 5);
  CHECK(service.answered == 3);
  CHECK(service.abandoned == 1);
  CHECK(service.unanswered == 1);
  CHECK(service.waits.mean == doctest::Approx((10 + 20 + 30 + 100 + 600) / 5.0));
  CHECK(service.waits.p50 == 30);
  CHECK(service.waits.p90 == 600);
  CHECK(service.waits.max == 600);
  CHECK(report.total.offered == 5);
  CHECK(report.queues.at(QueueName("billing")).offered == 0);
}

TEST_CASE("within promise: answered in time; who left was not; who may yet be answered in time is not counted") {
  Outcome outcome;
  outcome.matters = {answered("exactly", 120), answered("late", 121), left("soon", 1),
                     matter("waits for long", kEnd - minutes(3)), matter("waits a little", kEnd - minutes(1))};
  CHECK(*report_of(outcome).total.within_promise == doctest::Approx(0.25));
  outcome.matters = {matter("undecided", kEnd - minutes(1))};
  CHECK_FALSE(report_of(outcome).total.within_promise.has_value());
  CHECK_FALSE(report_of(Outcome{}).total.within_promise.has_value());
}

TEST_CASE("occupancy is load by capacity over the time present, and fairness is between those who were there") {
  Outcome outcome;
  // Capacities are 4, 2 and 2 units.
  outcome.agents = {agent_day("ani", 60, 0, 240), agent_day("bela", 60, 30, 40), agent_day("cora", 0, 0, 0)};
  const auto report = report_of(outcome);
  REQUIRE(report.agents.size() == 3);
  CHECK(*report.agents[0].occupancy == doctest::Approx(1));
  CHECK(*report.agents[0].busy == doctest::Approx(1));
  CHECK(*report.agents[1].occupancy == doctest::Approx(1.0 / 3));
  CHECK(*report.agents[1].busy == doctest::Approx(0.5));
  CHECK_FALSE(report.agents[2].occupancy.has_value());
  CHECK(*report.occupancy == doctest::Approx(280.0 / 360));
  CHECK(*report.busy == doctest::Approx(0.75));
  CHECK(report.gini_load == doctest::Approx(0.25));     // of 1/3 and 1
  CHECK(report.gini_idleness == doctest::Approx(0.5));  // of 0 and 1/2
  CHECK(report.agents[0].offered == 5);
  CHECK(report.agents[0].answered == 4);
}

TEST_CASE("an agent's waits are those of whom he answered") {
  Outcome outcome;
  outcome.matters = {answered("a", 10), answered("b", 90, "bela"), answered("c", 30)};
  const auto report = report_of(outcome);
  CHECK(report.agents[0].waits.max == 30);
  CHECK(report.agents[1].waits.p50 == 90);
}

TEST_CASE("an agent's promise is kept to those he answered, and to those who left while they were offered to him") {
  Outcome outcome;
  outcome.matters = {answered("in time", 120), answered("late", 121), left("with ani and bela", 5),
                     left("while he waited", 5), answered("bela's", 10, "bela")};
  outcome.matters[2].left_while_offered_to = {AgentName("ani"), AgentName("bela")};
  outcome.agents = {agent_day("ani", 60, 0, 240), agent_day("bela", 60, 0, 240)};
  outcome.agents[0].abandoned = 1;
  const std::vector<RunOutcome> runs{{&outcome, kEnd}, {&outcome, kEnd}};
  const auto report = make_report(runs, *test::load_right(test::simulated_desk()));
  CHECK(report.agents[0].abandoned == 2);
  CHECK(report.agents[1].abandoned == 0);
  CHECK(*report.agents[0].within_promise == doctest::Approx(1.0 / 3));
  CHECK(*report.agents[1].within_promise == doctest::Approx(1.0 / 2));
  CHECK_FALSE(report.agents[2].within_promise.has_value());
  const boost::json::value made = to_json(report, std::vector<std::uint64_t>{1, 2});
  CHECK(made.at("agents").at(0).at("abandoned").as_int64() == 2);
  CHECK(made.at("agents").at(1).at("within_promise").as_double() == 0.5);
  CHECK(made.at("agents").at(2).at("within_promise").is_null());
  CHECK(made.at("agents").at(0).at("wait").at("p99").as_double() == 121);
}

TEST_CASE("the ten worst waits are named, longest first, those of equal length by run and time") {
  Outcome first;
  Outcome second;
  for (int count = 1; count <= 12; ++count) first.matters.push_back(answered("first " + std::to_string(count), count));
  second.matters = {left("second left", 12), answered("second late", 500)};
  const std::vector<RunOutcome> runs{{&first, kEnd}, {&second, kEnd}};
  const auto report = make_report(runs, *test::load_right(test::simulated_desk()));
  REQUIRE(report.worst.size() == 10);
  CHECK(report.worst[0].name == "second late");
  CHECK(report.worst[0].run == 1);
  CHECK(report.worst[1].name == "first 12");
  CHECK(report.worst[2].name == "second left");
  CHECK(report.worst[2].end == WorstWait::End::abandoned);
  CHECK(report.worst[3].name == "first 11");
  CHECK(report.total.offered == 14);
}

TEST_CASE("what customers wrote again and connections that were lost are counted over all runs") {
  Outcome outcome;
  outcome.matters = {answered("a", 10), answered("b", 20), left("c", 5)};
  outcome.matters[0].replies = 3;
  outcome.matters[1].replies = 1;
  outcome.agents = {agent_day("ani", 60, 15, 120), agent_day("bela", 60, 15, 120)};
  outcome.agents[0].losses = 2;
  outcome.agents[0].lost = seconds(90);
  const std::vector<RunOutcome> runs{{&outcome, kEnd}, {&outcome, kEnd}};
  const auto report = make_report(runs, *test::load_right(test::simulated_desk()));
  CHECK(report.total.replies == 8);
  CHECK(report.queues.at(QueueName("service")).replies == 8);
  CHECK(report.losses == 4);
  CHECK(report.lost == seconds(180));
  const boost::json::value made = to_json(report, std::vector<std::uint64_t>{1, 2});
  CHECK(made.at("total").at("replies").as_int64() == 8);
  CHECK(made.at("agents").at(0).at("losses").as_int64() == 4);
  CHECK(made.at("agents").at(0).at("lost").as_double() == 180);
  CHECK(made.at("agents").at(1).at("losses").as_int64() == 0);
}

TEST_CASE("a report's JSON has every figure, in seconds and shares") {
  Outcome outcome;
  outcome.matters = {answered("a", 10), left("b", 100)};
  outcome.agents = {agent_day("ani", 60, 15, 120)};
  const std::vector<std::uint64_t> seeds{7};
  const boost::json::value made = to_json(report_of(outcome), seeds);
  CHECK(made.at("total").at("wait").at("max").as_double() == 100);
  CHECK(made.at("queues").at("service").at("answered").as_int64() == 1);
  CHECK(made.at("queues").at("billing").at("within_promise").is_null());
  CHECK(made.at("agents").at(0).at("present").as_double() == 3600);
  CHECK(made.at("agents").at(0).at("occupancy").as_double() == 0.5);
  CHECK(made.at("agents").at(0).at("busy").as_double() == 0.75);
  CHECK(made.at("worst").at(0).at("name").as_string() == "b");
  CHECK(made.at("worst").at(0).at("agent").is_null());
  CHECK(made.at("worst").at(0).at("end").as_string() == "abandoned");
  CHECK(made.at("worst").at(0).at("seed").to_number<std::uint64_t>() == 7);
  CHECK(made.at("worst").at(0).at("arrived").as_string() == "2026-11-21T05:00:00.000Z");
}

}  // namespace peyk::routing::simulation
