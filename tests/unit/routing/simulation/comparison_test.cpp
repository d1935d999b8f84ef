// Two configurations compared run by run, with what chance leaves open.
#include "routing/simulation/comparison.h"

#include <doctest/doctest.h>

#include "routing/simulation/report_json.h"

namespace peyk::routing::simulation {
namespace {

Report run(double p95, double within, int offered = 100, int answered = 90) {
  Report report;
  report.total.offered = offered;
  report.total.answered = answered;
  report.total.waits.p95 = p95;
  report.total.within_promise = within;
  report.queues[QueueName("service")] = report.total;
  report.occupancy = 0.5;
  report.busy = 0.6;
  return report;
}

const Difference& find(const std::vector<Difference>& all, std::string_view name, const char* queue = "") {
  for (const auto& one : all) {
    if (one.figure.name == name && one.figure.queue == QueueName(queue)) return one;
  }
  throw std::logic_error("no such figure");
}

}  // namespace

TEST_CASE("a difference is taken run by run, with Student's interval of the differences") {
  // Of the p95: 11−10, 22−20, 33−30: mean 2, standard deviation 1, t of 2 degrees 4.30265.
  const std::vector<Report> a{run(11, 0.5), run(22, 0.5), run(33, 0.5)};
  const std::vector<Report> b{run(10, 0.5), run(20, 0.5), run(30, 0.5)};
  const auto all = compare(a, b);
  const auto& p95 = find(all, "wait_p95");
  CHECK(p95.a == doctest::Approx(22));
  CHECK(p95.b == doctest::Approx(20));
  CHECK(p95.difference.mean == doctest::Approx(2));
  CHECK(*p95.difference.half == doctest::Approx(4.30265 / 1.7320508).epsilon(0.00001));
  CHECK(p95.verdict == Verdict::none);
  CHECK(find(all, "wait_p95", "service").difference.mean == doctest::Approx(2));
}

TEST_CASE("one is better when the interval leaves out zero: by shorter waits, or by more promises kept") {
  const std::vector<Report> a{run(20, 0.5), run(21, 0.6)};
  const std::vector<Report> b{run(10, 0.8), run(11.1, 0.9)};
  const auto all = compare(a, b);
  CHECK(find(all, "wait_p95").verdict == Verdict::b_better);
  CHECK(find(all, "within_promise").verdict == Verdict::b_better);
  CHECK(find(compare(b, a), "within_promise").verdict == Verdict::a_better);
  CHECK(find(all, "occupancy").verdict == Verdict::none);
}

TEST_CASE("one run tells a difference and nothing of chance") {
  const std::vector<Report> a{run(20, 0.5)};
  const std::vector<Report> b{run(10, 0.5)};
  const auto p95 = find(compare(a, b), "wait_p95");
  CHECK(p95.difference.mean == 10);
  CHECK_FALSE(p95.difference.half.has_value());
  CHECK(p95.verdict == Verdict::none);
}

TEST_CASE("what is equal in every run is no difference, however the sums were rounded") {
  const std::vector<Report> a{run(0.1 + 0.2, 0.5), run(0.3, 0.5)};
  const std::vector<Report> b{run(0.3, 0.5), run(0.1 + 0.2, 0.5)};
  CHECK(find(compare(a, b), "wait_p95").verdict == Verdict::none);
  CHECK(find(compare(a, a), "wait_p95").verdict == Verdict::none);
}

TEST_CASE("runs without a figure do not count for it, and a queue of one side alone is left out") {
  const std::vector<Report> a{run(20, 0.5), run(0, 0, 0, 0), run(24, 0.5)};
  std::vector<Report> b{run(10, 0.5), run(10, 0.5), run(10, 0.5)};
  CHECK(find(compare(a, b), "wait_p95").difference.mean == doctest::Approx(12));
  for (auto& report : b) report.queues.clear();
  CHECK_THROWS(find(compare(a, b), "wait_p95", "service"));
}

TEST_CASE("the figures of one configuration are estimated over its runs") {
  const std::vector<Report> runs{run(10, 0.5), run(20, 0.7)};
  for (const auto& one : estimate_figures(runs)) {
    if (one.figure.name != "wait_p95" || !one.figure.queue.empty()) continue;
    CHECK(one.estimate.mean == doctest::Approx(15));
    CHECK(*one.estimate.half == doctest::Approx(5 * 12.7062).epsilon(0.00001));
  }
  CHECK(estimate_figures(runs).size() == 9 + 4 + 9);
}

TEST_CASE("differences as JSON: both means, the difference, its bounds and who is better") {
  const std::vector<Report> a{run(20, 0.5), run(21, 0.6)};
  const std::vector<Report> b{run(10, 0.8), run(11.1, 0.9)};
  const auto all = compare(a, b);
  const auto made = to_json(std::span(all).first(4));
  const auto& share = made.at(0).as_object();
  CHECK(share.at("figure").as_string() == "answered");
  CHECK(share.at("queue").is_null());
  CHECK(share.at("unit").as_string() == "share");
  CHECK(share.at("a").as_double() == 0.9);
  CHECK(share.at("difference").as_double() == 0);
  CHECK(share.at("better").is_null());
  CHECK(made.at(2).at("better").as_string() == "b");
  const std::vector<Report> one{run(20, 0.5)};
  const auto alone = compare(one, one);
  CHECK(to_json(alone).at(0).at("low").is_null());
}

}  // namespace peyk::routing::simulation
