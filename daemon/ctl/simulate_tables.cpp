// The tables of a simulation.
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/local_time.h"
#include "daemon/ctl/simulate_result.h"

namespace peyk::ctl {
namespace {

namespace simulation = routing::simulation;
using simulation::Unit;

// More agents than fit a screen: of those the most and the least loaded.
constexpr std::size_t kMostAgents = 24;

/// "4.2 s", "42 s", "3 min 05", "2 h 05".
std::string wait_words(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02}", whole / 60, whole % 60);
  return fmt::format("{} h {:02}", whole / 3600, whole % 3600 / 60);
}

std::string share_words(std::optional<double> share) {
  return share ? fmt::format("{:.1f} %", *share * 100) : std::string("–");
}

/// A figure, or a difference of two of them, without its sign.
std::string figure_words(Unit unit, double value) {
  switch (unit) {
    case Unit::share: return fmt::format("{:.1f} %", value * 100);
    case Unit::seconds: return wait_words(value);
    case Unit::index: return fmt::format("{:.3f}", value);
  }
  return {};
}

std::string signed_words(Unit unit, double value) {
  const auto in_words = [unit](double size) {
    return unit == Unit::share ? fmt::format("{:.1f} points", size * 100) : figure_words(unit, size);
  };
  const auto words = in_words(std::abs(value));
  if (words == in_words(0)) return words;
  return (value < 0 ? "−" : "+") + words;
}

std::string_view figure_name(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kNames{
      {{"answered", "answered"},
       {"abandoned", "abandoned"},
       {"within_promise", "within promise"},
       {"wait_mean", "wait, mean"},
       {"wait_p50", "wait, p50"},
       {"wait_p90", "wait, p90"},
       {"wait_p95", "wait, p95"},
       {"wait_p99", "wait, p99"},
       {"wait_max", "wait, longest"},
       {"occupancy", "occupancy by units"},
       {"busy", "time with any work"},
       {"gini_load", "Gini of load"},
       {"gini_idleness", "Gini of idleness"}}};
  for (const auto& [key, words] : kNames) {
    if (key == name) return words;
  }
  return name;
}

/// What of a queue stands in the table; JSON has all of them.
bool shown_of_queue(std::string_view name) {
  constexpr std::array<std::string_view, 5> kShown{"abandoned", "within_promise", "wait_p50", "wait_p95", "wait_p99"};
  return std::find(kShown.begin(), kShown.end(), name) != kShown.end();
}

std::string queue_words(const QueueName& queue) {
  return queue.empty() ? "all" : queue.str();
}

class Tables {
 public:
  Tables(const SimulateResult& result, const Style& style)
      : result_(result), style_(style), clock_(config::create_local_clock(result.timezone)) {}

  std::string render() {
    text_ = fmt::format("{}, {} to {}{}\n", result_.source, moment(result_.begin), moment(result_.end), seeds_words());
    const bool two = result_.configs.size() > 1;
    for (std::size_t at = 0; at < result_.configs.size(); ++at) {
      const auto& one = result_.configs[at];
      const auto name = two ? fmt::format("{}  {}", at == 0 ? "A" : "B", one.config->file) : one.config->file;
      text_ += "\n" + style_.paint(Colour::bold, name) + "\n";
      add_queues(one.together);
      add_agents(one.together);
      add_worst(one.together);
      if (!two && result_.seeds.size() > 1) add_estimates(one);
    }
    if (two) add_differences();
    return std::move(text_);
  }

 private:
  std::string moment(Time at, bool with_date = true) const {
    const auto shown = to_rfc3339(at + clock_->ahead(at));
    return with_date ? shown.substr(0, 10) + " " + shown.substr(11, 5) : shown.substr(11, 8);
  }

  std::string seeds_words() const {
    if (result_.seeds.size() == 1) return fmt::format(", seed {}", result_.seeds.front());
    return fmt::format(", {} runs, seeds {} to {}", result_.seeds.size(), result_.seeds.front(), result_.seeds.back());
  }

  void add(const Table& table) { text_ += "\n" + table.render(style_); }

  static std::vector<std::string> service_row(const std::string& name, const simulation::Service& service) {
    const auto wait = [&service](double seconds) {
      return service.offered == 0 ? std::string("–") : wait_words(seconds);
    };
    const auto& waits = service.waits;
    return {name,
            fmt::format("{}", service.offered),
            fmt::format("{}", service.answered),
            fmt::format("{}", service.abandoned),
            fmt::format("{}", service.unanswered),
            share_words(service.within_promise),
            wait(waits.p50),
            wait(waits.p90),
            wait(waits.p95),
            wait(waits.p99),
            wait(waits.max)};
  }

  void add_queues(const simulation::Report& report) {
    Table table({"QUEUE", "OFFERED", "ANSWERED", "ABANDONED", "UNANSWERED", "IN PROMISE", "WAIT P50", "P90", "P95",
                 "P99", "LONGEST"});
    for (const auto& [name, service] : report.queues) table.add(service_row(name.str(), service));
    table.add(service_row("all", report.total));
    add(table);
  }

  static std::vector<std::string> agent_row(const simulation::AgentReport& agent) {
    const auto wait = [&agent](double seconds) { return agent.answered == 0 ? std::string("–") : wait_words(seconds); };
    return {agent.agent.str(),
            fmt::format("{}", agent.offered),
            fmt::format("{}", agent.answered),
            fmt::format("{}", agent.abandoned),
            share_words(agent.within_promise),
            wait(agent.waits.p50),
            wait(agent.waits.p90),
            wait(agent.waits.p95),
            wait(agent.waits.p99),
            wait(agent.waits.max),
            wait_words(static_cast<double>(agent.present.count()) / 1000),
            share_words(agent.occupancy),
            share_words(agent.busy)};
  }

  void add_agents(const simulation::Report& report) {
    auto agents = report.agents;
    std::erase_if(agents, [](const auto& agent) { return !agent.occupancy; });
    const auto absent = report.agents.size() - agents.size();
    const auto all = agents.size();
    if (all > kMostAgents) {
      std::sort(agents.begin(), agents.end(), [](const auto& left, const auto& right) {
        return std::pair(*right.occupancy, left.agent) < std::pair(*left.occupancy, right.agent);
      });
      const auto half = static_cast<std::ptrdiff_t>(kMostAgents / 2);
      agents.erase(agents.begin() + half, agents.end() - half);
    }
    // Headings that leave it within 120 columns.
    Table table({"AGENT", "OFFERS", "ANSWERED", "LEFT", "IN PROMISE", "WAIT P50", "P90", "P95", "P99", "LONGEST",
                 "PRESENT", "LOAD", "BUSY"});
    for (const auto& agent : agents) table.add(agent_row(agent));
    add(table);
    if (all > kMostAgents)
      text_ += fmt::format("The {0} most and the {0} least loaded of {1}.\n", kMostAgents / 2, all);
    if (absent > 0) text_ += fmt::format("Never there: {} more.\n", absent);
    text_ += fmt::format(
        "All agents: {} of their units used, with work for {} of the time. Gini of load {:.3f}, of "
        "idleness {:.3f}.\n",
        share_words(report.occupancy), share_words(report.busy), report.gini_load, report.gini_idleness);
    add_disturbances(report);
  }

  /// What a profile's `replies` and `losses` came to.
  void add_disturbances(const simulation::Report& report) {
    if (report.total.replies > 0) text_ += fmt::format("Customers wrote again: {} times.\n", report.total.replies);
    if (report.losses == 0) return;
    text_ += fmt::format("Connections lost: {}, for {} in all.\n", report.losses,
                         wait_words(static_cast<double>(report.lost.count()) / 1000));
  }

  void add_worst(const simulation::Report& report) {
    if (report.worst.empty()) return;
    const bool several = result_.seeds.size() > 1;
    std::vector<std::string> header{"WORST WAITS", "CONVERSATION", "QUEUE", "ARRIVED", "END", "AGENT"};
    if (several) header.emplace_back("SEED");
    Table table(std::move(header));
    for (const auto& worst : report.worst) {
      std::string end = "answered";
      if (worst.end == simulation::WorstWait::End::abandoned) end = "left";
      if (worst.end == simulation::WorstWait::End::unanswered) end = "no answer yet";
      std::vector<std::string> row{
          wait_words(worst.seconds),    worst.name, worst.queue.str(),
          moment(worst.arrived, false), end,        worst.agent.empty() ? "–" : worst.agent.str()};
      if (several) row.push_back(fmt::format("{}", result_.seeds[static_cast<std::size_t>(worst.run)]));
      table.add(std::move(row));
    }
    add(table);
  }

  static std::string interval_words(Unit unit, const simulation::Estimate& estimate, bool is_signed) {
    if (!estimate.half) return "–";
    const auto words = [unit, is_signed](double value) {
      return is_signed ? signed_words(unit, value) : figure_words(unit, std::max(value, 0.0));
    };
    return fmt::format("{} to {}", words(estimate.mean - *estimate.half), words(estimate.mean + *estimate.half));
  }

  void add_estimates(const SimulatedConfig& one) {
    Table table({"FIGURE", "QUEUE", "MEAN OF THE RUNS", "95 % INTERVAL"});
    for (const auto& [figure, estimate] : simulation::estimate_figures(one.reports)) {
      if (!figure.queue.empty() && !shown_of_queue(figure.name)) continue;
      table.add({std::string(figure_name(figure.name)), queue_words(figure.queue),
                 figure_words(figure.unit, estimate.mean), interval_words(figure.unit, estimate, false)});
    }
    add(table);
  }

  void add_differences() {
    Table table({"FIGURE", "QUEUE", "A", "B", "A − B", "95 % INTERVAL", "BETTER"});
    for (const auto& one : simulation::compare(result_.configs[0].reports, result_.configs[1].reports)) {
      if (!one.figure.queue.empty() && !shown_of_queue(one.figure.name)) continue;
      const auto unit = one.figure.unit;
      std::string verdict = "–";
      if (one.verdict != simulation::Verdict::none) verdict = one.verdict == simulation::Verdict::a_better ? "A" : "B";
      table.add({std::string(figure_name(one.figure.name)), queue_words(one.figure.queue), figure_words(unit, one.a),
                 figure_words(unit, one.b), signed_words(unit, one.difference.mean),
                 interval_words(unit, one.difference, true), verdict});
    }
    add(table);
    text_ += result_.seeds.size() > 1
                 ? "–: chance alone may explain the difference (the interval holds zero), or neither way is better.\n"
                 : "One run says nothing of chance: --seeds 5 gives an interval.\n";
  }

  const SimulateResult& result_;
  const Style& style_;
  std::unique_ptr<config::LocalClock> clock_;
  std::string text_;
};

}  // namespace

std::string render_tables(const SimulateResult& result, const Style& style) {
  return Tables(result, style).render();
}

}  // namespace peyk::ctl
