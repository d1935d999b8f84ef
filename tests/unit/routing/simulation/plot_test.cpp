// A day's plot, for gnuplot.
#include "routing/simulation/plot.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/simulated.h"

namespace peyk::routing::simulation {
namespace {

using std::chrono::seconds;
using test::yerevan;

Outcome outcome(const char* queue, int wait_seconds) {
  Outcome made;
  Matter matter;
  matter.queue = QueueName(queue);
  matter.arrived = yerevan(9, 5);
  matter.answered = matter.arrived + seconds(wait_seconds);
  made.matters.push_back(matter);
  made.samples.push_back({yerevan(9, 6), QueueName(queue), 3});
  return made;
}

PlotOptions options() {
  PlotOptions made;
  made.output = "plot.svg";
  made.data = "plot.dat";
  made.timezone = "Asia/Yerevan";
  made.begin = yerevan(9);
  made.end = yerevan(10);
  return made;
}

}  // namespace

TEST_CASE("a plot's data are waits and lengths on the wall's clock, a block a line") {
  const auto one = outcome("service", 42);
  const auto files = make_plot(std::vector<PlotRun>{{"A", &one}}, options());
  // The middle of the first quarter of an hour, 09:07:30 as if Yerevan's clock were UTC; then the sample of 09:06.
  CHECK(files.data == "1795252050 42.0\n\n\n1795251960 3\n");
  CHECK(files.script.find("'plot.dat' index 0 using 1:2 with linespoints") != std::string::npos);
  CHECK(files.script.find("'plot.dat' index 1 using 1:2 with lines") != std::string::npos);
  CHECK(files.script.find("title 'service'") != std::string::npos);
  CHECK(files.script.find("set terminal svg") != std::string::npos);
}

TEST_CASE("the line of waits stops where nobody comes for more than an hour") {
  auto one = outcome("service", 42);
  auto later = one.matters.front();
  later.arrived += std::chrono::minutes(60);
  later.answered = later.arrived;
  one.matters.push_back(later);
  later.arrived += std::chrono::minutes(75);
  later.answered = later.arrived;
  one.matters.push_back(later);
  auto whole_day = options();
  whole_day.end = yerevan(24);
  const auto files = make_plot(std::vector<PlotRun>{{"A", &one}}, whole_day);
  CHECK(files.data.starts_with("1795252050 42.0\n1795255650 1.0\n\n1795260150 1.0\n\n\n"));
}

TEST_CASE("a second run is dashed and named; a queue it lacks has no line") {
  const auto one = outcome("service", 42);
  const auto other = outcome("billing", 1);
  const auto files = make_plot(std::vector<PlotRun>{{"A", &one}, {"B", &one}, {"C", &other}}, options());
  CHECK(files.script.find("dashtype 2 linecolor rgb '#0072B2' title 'service, B'") != std::string::npos);
  CHECK(files.script.find("service, C") == std::string::npos);
}

TEST_CASE("what stands in a legend cannot become a command") {
  const auto one = outcome("service", 42);
  const auto files = make_plot(std::vector<PlotRun>{{"it's `rm`\n; system 'x'", &one}, {"B", &one}}, options());
  CHECK(files.script.find("title 'service, it''s `rm` ; system ''x'''") != std::string::npos);
}

TEST_CASE("a day without anybody is a plot all the same, as PNG too") {
  auto as_png = options();
  as_png.format = PlotFormat::png;
  const Outcome nothing;
  const auto files = make_plot(std::vector<PlotRun>{{"A", &nothing}}, as_png);
  CHECK(files.script.find("set terminal pngcairo") != std::string::npos);
  CHECK(files.script.find("plot 0 notitle") != std::string::npos);
}

}  // namespace peyk::routing::simulation
