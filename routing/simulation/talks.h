// Conversations that go to and fro, and agents who lose their connections: what follows from what in such a day. A day
// that has neither is none of this part's business.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "routing/event_feed.h"
#include "routing/simulation/agenda.h"
#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

class Talks {
 public:
  /// `day` outlives it.
  explicit Talks(const Day& day);

  /// Whether its agent's work is planned here, deed by deed; else the batch itself has it resolved.
  bool follows(std::size_t arrival) const { return !day_.losses.empty() || !day_.arrivals[arrival].turns.empty(); }

  /// The losses of connections, and their ends.
  std::vector<Planned> losses() const;
  /// When an agent who has no connection at that time has one again; none: he has.
  std::optional<Time> back(const AgentName& agent, Time at) const;
  const Loss& loss(std::size_t which) const { return day_.losses[which]; }

  /// Before it nothing is to be planned that follows from what may happen from `now` on.
  Time horizon(Time now) const;
  /// The same of a deed that is about to be done; none: nothing is planned after it.
  std::optional<Time> horizon_of(const Planned& deed) const;

  /// What an event of an arrival that is followed leads to. In the order of the stream.
  std::optional<Planned> after(const Event& event, std::size_t arrival);
  /// Whether an agent's answer or solution is still his to give.
  bool stands(const Planned& deed) const { return states_[deed.which].plan == deed.plan; }

 private:
  struct State {
    bool works = true;     // its agent has the next step; else its customer
    std::size_t turn = 0;  // how often the customer has written again
    int plan = 0;          // number of the last plan: those before it are void
    AgentName owner;       // empty: nobody
  };

  Milliseconds work(std::size_t arrival, std::size_t turn) const;
  Planned plan_work(std::size_t arrival, State& state, Time at);

  const Day& day_;
  std::vector<State> states_;
  std::set<std::size_t> open_;  // of those followed: they came, and are not resolved
};

}  // namespace peyk::routing::simulation
