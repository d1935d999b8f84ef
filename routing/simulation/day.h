// A simulated day: what happens to a desk, and what became of it. Times are virtual.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/names.h"

namespace peyk::routing::simulation {

/// The customer writes again, so long after he was answered, and it takes so long until he is answered again.
struct Turn {
  Milliseconds after{0};
  Milliseconds handling{0};
};

/// A conversation that begins, with what only a simulation knows of it.
struct Arrival {
  Time at;
  std::string name;  // how reports call it: "row 17" of a trace, "profile 4711"
  ChannelName channel;
  QueueName queue;  // empty: the configuration's routes decide, by what follows
  std::map<std::string, std::string> fields;
  std::string subject;
  std::string text;
  std::string language;                  // empty: the channel's
  Milliseconds handling{0};              // from accept to the first answer, undisturbed
  std::vector<Turn> turns{};             // what follows; the last answer, of none the first, is the solution
  std::optional<Milliseconds> patience;  // unanswered for so long, the customer leaves; null: he stays
};

/// An agent is there, and available, from `from` until `to`; then he finishes what he has and takes nothing new. May
/// begin before the day does, and reach beyond its end: then he goes on working off what is open.
struct Shift {
  AgentName agent;
  Time from;
  Time to;
};

/// An agent has no connection from `from` until `to`, and can do nothing. What he was at is done when he is back,
/// unless it was given to another; who gets it begins anew.
struct Loss {
  AgentName agent;
  Time from;
  Time to;
};

struct Day {
  Time begin;                     // what is reported; arrivals before it warm the desk up and are not counted
  Time end;                       // arrivals end; what is open then is worked off, shifts permitting
  std::vector<Arrival> arrivals;  // by time
  std::vector<Shift> shifts;
  Milliseconds accept_delay{0};  // from an offer to its acceptance
  std::vector<Loss> losses{};    // by agent and time, those of one agent apart
};

/// What became of one arrival.
struct Matter {
  std::string name;
  QueueName queue;  // the one it was in last
  AgentName agent;  // who accepted it; empty: nobody
  Time arrived;
  std::optional<Time> offered;   // first
  std::optional<Time> answered;  // accepted
  std::optional<Time> finished;  // resolved, or left
  bool abandoned = false;
  std::vector<AgentName> left_while_offered_to{};  // who had an offer of it when its customer left
  std::optional<Milliseconds> promise;             // within which it was to be answered
  int offers = 0;
  int replies = 0;  // how often its customer wrote again
};

/// What an agent's day was, of the time within [begin, end): how long the work after it takes says nothing of the day.
struct AgentDay {
  AgentName agent;
  Milliseconds present{0};
  Milliseconds idle{0};     // present with no load at all
  double unit_seconds = 0;  // load in units (a mail of weight 1 for a minute: 60), integrated over the time present
  int capacity = 0;         // in whole units
  int offered = 0;          // offers he got
  int answered = 0;
  int abandoned = 0;     // by customers who left while they were offered to him
  int losses = 0;        // how often his connection was lost
  Milliseconds lost{0};  // how long he had none
};

/// How many waited in a queue, at a moment.
struct Sample {
  Time at;
  QueueName queue;
  int waiting = 0;
};

struct Outcome {
  std::vector<Matter> matters;   // as they arrived, those within [begin, end)
  std::vector<AgentDay> agents;  // rostered ones, by name
  std::vector<Sample> samples;   // each minute, by time and queue
  std::int64_t script_calls = 0;
  double seconds = 0;  // of real time that it took
};

}  // namespace peyk::routing::simulation
