// Agents and customers of a desk without a daemon: what arrives, is offered, accepted and resolved.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "base/random.h"
#include "tests/bench/support/store_desk.h"

namespace peyk::bench {

constexpr int kQueues = 20;
constexpr int kSkills = 5;
constexpr int kQueuesOfAgent = 3;
/// What every customer writes.
constexpr std::string_view kText =
    "The cooler that came last week leaks on its left side, and the light above the switch stays red whatever we do. "
    "Could somebody tell us what to check, or send a person? We live in Yerevan, third floor, Abovyan street.";

struct Offer {
  std::string id, agent, conversation;
};

/// 20 queues, 3 kinds, agents with 5 skills of levels 1 to 5 and 3 queues each. `desk` outlives it.
class Floor {
 public:
  Floor(StoreDesk& desk, int agents);

  /// The first so many agents come, and get what waits.
  void available(int agents, std::deque<Offer>* made);

  /// A conversation of a new contact; the reply.
  asio::awaitable<std::string> arrive();

 private:
  int below(int limit) { return static_cast<int>(random_.next() % static_cast<std::uint64_t>(limit)); }
  void add(int number);

  StoreDesk& desk_;
  SeededRandom random_;
  int count_ = 0;
};

asio::awaitable<void> arrivals(Floor& floor, int times, std::deque<Offer>* live);

/// A floor whose agents are available, and the offers that are live on it.
struct Scene {
  test::RedisServer server;
  StoreDesk desk{server};
  Floor floor;
  std::deque<Offer> live;
  int waiting = 0;

  /// Runs `rounds` cycles at once, so that what is measured is a desk at work.
  Scene(int agents, int rounds);

  /// Arrive, offer, accept, resolve. With a backlog, what is resolved makes room for what waits, and the arrival waits.
  Worker cycling();
  Worker arriving();

  /// Lets conversations arrive until about so many wait.
  void fill(int until);
};

}  // namespace peyk::bench
