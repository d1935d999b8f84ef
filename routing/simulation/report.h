// What a simulated day was like: for each queue, each agent and all of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

/// In seconds; quantiles are waits that somebody really had.
struct Waits {
  double mean = 0;
  double p50 = 0;
  double p90 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};

/// A wait ends with the answer, or when the customer leaves; that of one who has no answer yet counts up to the day's
/// end.
struct Service {
  int offered = 0;  // conversations that came
  int answered = 0;
  int abandoned = 0;   // by their customers
  int unanswered = 0;  // nobody ever took them
  int replies = 0;     // how often their customers wrote again
  Waits waits;
  std::optional<double> within_promise;  // share answered in time of those whose promise is decided; none: nobody's is
};

struct AgentReport {
  AgentName agent;
  int offered = 0;  // offers he got
  int answered = 0;
  int abandoned = 0;  // customers who left while they were offered to him
  Milliseconds present{0};
  std::optional<double> occupancy;  // load ÷ capacity over the time present; none: he was not there
  std::optional<double> busy;       // share of the time present with any load
  Waits waits;                      // of those he answered
  // Share answered in time of those with a promise whom he answered, or who left while they were offered to him; none:
  // there were none.
  std::optional<double> within_promise;
  int losses = 0;        // of his connection
  Milliseconds lost{0};  // how long he had none
};

struct WorstWait {
  enum class End : std::uint8_t { answered, abandoned, unanswered };
  std::string name;
  QueueName queue;
  AgentName agent;  // who answered it
  Time arrived;
  double seconds = 0;
  End end = End::answered;
  int run = 0;  // from 0
};

struct Report {
  Service total;
  std::map<QueueName, Service> queues;  // every one of the configuration
  std::vector<AgentReport> agents;      // every one of the configuration, by name
  std::optional<double> occupancy;      // of all agents together, as for one
  std::optional<double> busy;
  int losses = 0;  // of all agents' connections
  Milliseconds lost{0};
  double gini_load = 0;  // of the occupancies of those who were there: 0 when all are loaded alike
  double gini_idleness = 0;
  std::vector<WorstWait> worst;  // ten, longest first
};

struct RunOutcome {
  const Outcome* outcome = nullptr;
  Time end;  // of its day
};

/// Several runs are taken together as if they were one long day. `config` is the one they ran with.
Report make_report(std::span<const RunOutcome> runs, const config::Config& config);

}  // namespace peyk::routing::simulation
