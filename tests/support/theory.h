// Queues that theory can work out, as days to simulate: M/M/n and M/M/n+M.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/config.h"
#include "routing/simulation/day.h"

namespace peyk::test {

/// Customers come at random (Poisson), and so long do they take and wait (exponential). Seconds.
struct QueueModel {
  double rate = 0;      // arrivals a second
  double handling = 0;  // mean
  int agents = 0;
  std::optional<double> patience;  // mean; none: nobody leaves
};

struct QueueFigures {
  double waits = 0;      // share of those who are not answered at once
  double mean_wait = 0;  // seconds, of all: until answered, or left
  double within_15 = 0;  // share of those who waited 15 s at most; of theory with M/M/n alone
  double leaves = 0;     // share
};

/// Erlang C without patience, Erlang A (by the stationary distribution of its birth and death process) with it.
QueueFigures theory(const QueueModel& model);

/// One queue, one kind, agents who take one conversation at a time, no wrap-up.
config::ConfigPtr theory_config(const QueueModel& model);

/// All agents are there all the time, and no two customers come in the same millisecond; `warm_up` seconds before the
/// day begins are not counted.
routing::simulation::Day theory_day(const QueueModel& model, std::uint64_t seed, double warm_up, double length);

/// When each arrival is answered by those who take the longest waiting first; none: it leaves before.
std::vector<std::optional<Time>> first_come_first_served(const routing::simulation::Day& day, int agents);

/// Of all arrivals; those of `batch` of `batches` equal parts of the day, in order.
QueueFigures measured(const routing::simulation::Outcome& outcome, std::size_t batch = 0, std::size_t batches = 1);

struct Mean {
  double value = 0;
  double error = 0;  // standard error of the mean
};
Mean mean_of(const std::vector<double>& values);

}  // namespace peyk::test
