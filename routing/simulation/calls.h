// The calls that people of a simulated day cause, as the daemon would make them.
#pragma once

#include "base/random.h"
#include "routing/settings.h"
#include "routing/simulation/agenda.h"
#include "routing/simulation/batch.h"
#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

/// A customer who comes: his conversation, and by when he was promised an answer.
struct Coming {
  Call call;
  Time first_reply_by;
};

/// Each arrival is a customer of his own, whom nobody knows yet.
class Calls {
 public:
  Calls(SettingsPtr settings, const Day& day, std::uint64_t seed);

  /// The conversation of an arrival.
  const ConversationId& conversation(std::size_t arrival) const { return conversations_[arrival]; }

  /// The arrival's rule or queue is looked up as of its time: to be called in the order of time.
  Coming arrive(std::size_t arrival);
  Call leave(std::size_t arrival, Time at) const;
  Call accept(const Planned& planned) const;
  Call resolve(const Planned& planned) const;
  /// The owner's answer, once a plan, and the customer's next message.
  Call answer(const Planned& planned);
  Call write(std::size_t arrival, Time at);
  /// Connected, on shift and available.
  std::vector<Call> begin_shift(const AgentName& agent, Time at) const;
  Call end_shift(const AgentName& agent, Time at) const;
  Call lose(const AgentName& agent, Time at) const;
  /// Connected, and available.
  std::vector<Call> come_back(const AgentName& agent, Time at) const;

 private:
  Identity sender(std::size_t arrival) const;
  Routing route(const Arrival& arrival, const Subject& subject) const;
  /// A message of the arrival's customer; empty `hint`: his first.
  Coming receive(std::size_t arrival, Time at, const ConversationId& hint);

  SettingsPtr settings_;
  const Day& day_;
  std::vector<ConversationId> conversations_;
  SeededRandom random_;
};

}  // namespace peyk::routing::simulation
