#include "routing/simulation/report_json.h"

#include <cmath>
#include <string_view>

namespace peyk::routing::simulation {
namespace {

namespace json = boost::json;

/// Millionths: more digits are noise of the floating point.
double rounded(double value) {
  return std::round(value * 1e6) / 1e6;
}

json::value number(const std::optional<double>& value) {
  return value ? json::value(rounded(*value)) : json::value(nullptr);
}

json::value name_or_null(const std::string& name) {
  return name.empty() ? json::value(nullptr) : json::value(name);
}

json::object waits_json(const Waits& waits) {
  return {{"mean", rounded(waits.mean)}, {"p50", rounded(waits.p50)}, {"p90", rounded(waits.p90)},
          {"p95", rounded(waits.p95)},   {"p99", rounded(waits.p99)}, {"max", rounded(waits.max)}};
}

json::object service_json(const Service& service) {
  return {{"offered", service.offered},       {"answered", service.answered},
          {"abandoned", service.abandoned},   {"unanswered", service.unanswered},
          {"replies", service.replies},       {"within_promise", number(service.within_promise)},
          {"wait", waits_json(service.waits)}};
}

double seconds(Milliseconds duration) {
  return rounded(static_cast<double>(duration.count()) / 1000);
}

json::object agent_json(const AgentReport& agent) {
  return {{"agent", agent.agent.str()},
          {"offered", agent.offered},
          {"answered", agent.answered},
          {"abandoned", agent.abandoned},
          {"within_promise", number(agent.within_promise)},
          {"wait", waits_json(agent.waits)},
          {"present", seconds(agent.present)},
          {"occupancy", number(agent.occupancy)},
          {"busy", number(agent.busy)},
          {"losses", agent.losses},
          {"lost", seconds(agent.lost)}};
}

std::string_view word(WorstWait::End end) {
  switch (end) {
    case WorstWait::End::answered: return "answered";
    case WorstWait::End::abandoned: return "abandoned";
    case WorstWait::End::unanswered: return "unanswered";
  }
  return "unanswered";
}

std::string_view word(Unit unit) {
  switch (unit) {
    case Unit::share: return "share";
    case Unit::seconds: return "seconds";
    case Unit::index: return "index";
  }
  return "share";
}

json::object worst_json(const WorstWait& worst, std::span<const std::uint64_t> seeds) {
  const auto run = static_cast<std::size_t>(worst.run);
  return {{"name", worst.name},
          {"queue", name_or_null(worst.queue.str())},
          {"agent", name_or_null(worst.agent.str())},
          {"arrived", to_rfc3339(worst.arrived)},
          {"wait", rounded(worst.seconds)},
          {"end", word(worst.end)},
          {"seed", run < seeds.size() ? json::value(seeds[run]) : json::value(nullptr)}};
}

json::object figure_json(const Figure& figure) {
  return {{"queue", name_or_null(figure.queue.str())}, {"figure", figure.name}, {"unit", word(figure.unit)}};
}

/// The bounds of the interval; null where one run says nothing of chance.
void add_interval(const Estimate& estimate, json::object& into) {
  into["low"] = estimate.half ? json::value(rounded(estimate.mean - *estimate.half)) : json::value(nullptr);
  into["high"] = estimate.half ? json::value(rounded(estimate.mean + *estimate.half)) : json::value(nullptr);
}

json::value verdict_json(Verdict verdict) {
  if (verdict == Verdict::none) return nullptr;
  return verdict == Verdict::a_better ? "a" : "b";
}

}  // namespace

json::object to_json(const Report& report, std::span<const std::uint64_t> seeds) {
  json::object queues;
  for (const auto& [name, service] : report.queues) queues[name.str()] = service_json(service);
  json::array agents;
  for (const auto& agent : report.agents) agents.push_back(agent_json(agent));
  json::array worst;
  for (const auto& wait : report.worst) worst.push_back(worst_json(wait, seeds));
  return {{"total", service_json(report.total)},
          {"queues", std::move(queues)},
          {"agents", std::move(agents)},
          {"occupancy", number(report.occupancy)},
          {"busy", number(report.busy)},
          {"gini_load", rounded(report.gini_load)},
          {"gini_idleness", rounded(report.gini_idleness)},
          {"worst", std::move(worst)}};
}

json::array to_json(std::span<const FigureEstimate> estimates) {
  json::array all;
  for (const auto& one : estimates) {
    auto object = figure_json(one.figure);
    object["mean"] = rounded(one.estimate.mean);
    add_interval(one.estimate, object);
    all.push_back(std::move(object));
  }
  return all;
}

json::array to_json(std::span<const Difference> differences) {
  json::array all;
  for (const auto& one : differences) {
    auto object = figure_json(one.figure);
    object["a"] = rounded(one.a);
    object["b"] = rounded(one.b);
    object["difference"] = rounded(one.difference.mean);
    add_interval(one.difference, object);
    object["better"] = verdict_json(one.verdict);
    all.push_back(std::move(object));
  }
  return all;
}

}  // namespace peyk::routing::simulation
