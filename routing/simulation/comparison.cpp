#include "routing/simulation/comparison.h"

#include <algorithm>
#include <cmath>

namespace peyk::routing::simulation {
namespace {

/// Smaller than anything that is measured: what is left when two equal sums were added up in another order.
constexpr double kNothing = 1e-9;

void add_service(const QueueName& queue, const Service& service, std::vector<Figure>& figures) {
  const auto add = [&](std::string_view name, Unit unit, Better better, std::optional<double> value) {
    figures.push_back({queue, name, unit, better, value});
  };
  const bool any = service.offered > 0;
  const auto share = [&](int part) {
    return any ? std::optional(static_cast<double>(part) / service.offered) : std::nullopt;
  };
  const auto wait = [&](double value) { return any ? std::optional(value) : std::nullopt; };
  add("answered", Unit::share, Better::higher, share(service.answered));
  add("abandoned", Unit::share, Better::lower, share(service.abandoned));
  add("within_promise", Unit::share, Better::higher, service.within_promise);
  add("wait_mean", Unit::seconds, Better::lower, wait(service.waits.mean));
  add("wait_p50", Unit::seconds, Better::lower, wait(service.waits.p50));
  add("wait_p90", Unit::seconds, Better::lower, wait(service.waits.p90));
  add("wait_p95", Unit::seconds, Better::lower, wait(service.waits.p95));
  add("wait_p99", Unit::seconds, Better::lower, wait(service.waits.p99));
  add("wait_max", Unit::seconds, Better::lower, wait(service.waits.max));
}

Figure without_value(Figure figure) {
  figure.value.reset();
  return figure;
}

const Figure* find_same(const std::vector<Figure>& figures, const Figure& wanted) {
  const auto found = std::find_if(figures.begin(), figures.end(), [&wanted](const Figure& figure) {
    return figure.name == wanted.name && figure.queue == wanted.queue;
  });
  return found == figures.end() ? nullptr : &*found;
}

std::vector<std::vector<Figure>> figures_of_all(std::span<const Report> runs) {
  std::vector<std::vector<Figure>> all;
  for (const auto& run : runs) all.push_back(figures_of(run));
  return all;
}

Verdict verdict_of(const Figure& figure, const Estimate& difference) {
  if (!difference.half || figure.better == Better::neither) return Verdict::none;
  if (std::abs(difference.mean) <= *difference.half + kNothing) return Verdict::none;
  const bool a_lower = difference.mean < 0;
  return a_lower == (figure.better == Better::lower) ? Verdict::a_better : Verdict::b_better;
}

}  // namespace

std::vector<Figure> figures_of(const Report& report) {
  std::vector<Figure> figures;
  add_service(QueueName(), report.total, figures);
  figures.push_back({QueueName(), "occupancy", Unit::share, Better::neither, report.occupancy});
  figures.push_back({QueueName(), "busy", Unit::share, Better::neither, report.busy});
  const bool anybody = report.occupancy.has_value();
  const auto index = [anybody](double value) { return anybody ? std::optional(value) : std::nullopt; };
  figures.push_back({QueueName(), "gini_load", Unit::index, Better::lower, index(report.gini_load)});
  figures.push_back({QueueName(), "gini_idleness", Unit::index, Better::lower, index(report.gini_idleness)});
  for (const auto& [name, service] : report.queues) add_service(name, service, figures);
  return figures;
}

std::vector<FigureEstimate> estimate_figures(std::span<const Report> runs) {
  std::vector<FigureEstimate> estimates;
  if (runs.empty()) return estimates;
  const auto all = figures_of_all(runs);
  for (std::size_t at = 0; at < all.front().size(); ++at) {
    std::vector<double> values;
    for (const auto& figures : all) {
      const auto* figure = find_same(figures, all.front()[at]);
      if (figure != nullptr && figure->value) values.push_back(*figure->value);
    }
    if (!values.empty()) estimates.push_back({without_value(all.front()[at]), estimate(values)});
  }
  return estimates;
}

std::vector<Difference> compare(std::span<const Report> a, std::span<const Report> b) {
  std::vector<Difference> differences;
  const auto pairs = std::min(a.size(), b.size());
  if (pairs == 0) return differences;
  const auto all_a = figures_of_all(a.first(pairs));
  const auto all_b = figures_of_all(b.first(pairs));
  for (const auto& figure : all_a.front()) {
    std::vector<double> values_a;
    std::vector<double> values_b;
    std::vector<double> gaps;
    for (std::size_t run = 0; run < pairs; ++run) {
      const auto* of_a = find_same(all_a[run], figure);
      const auto* of_b = find_same(all_b[run], figure);
      if (of_a == nullptr || of_b == nullptr || !of_a->value || !of_b->value) continue;
      values_a.push_back(*of_a->value);
      values_b.push_back(*of_b->value);
      gaps.push_back(*of_a->value - *of_b->value);
    }
    if (gaps.empty()) continue;
    const auto difference = estimate(gaps);
    differences.push_back(
        {without_value(figure), mean(values_a), mean(values_b), difference, verdict_of(figure, difference)});
  }
  return differences;
}

}  // namespace peyk::routing::simulation
