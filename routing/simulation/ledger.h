// What became of every arrival, and how many waited where, folded from the desk's events.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/config.h"
#include "routing/event_feed.h"
#include "routing/simulation/day.h"

namespace peyk::routing::simulation {

class Ledger {
 public:
  /// Samples are taken of these queues.
  Ledger(const Day& day, const std::map<QueueName, config::Queue>& queues);

  /// An arrival comes in: not counted when it is outside of the day.
  void expect(std::size_t arrival, const ConversationId& conversation, Time first_reply_by);
  /// In the order of the stream.
  void observe(const Event& event);
  /// Time has come so far, with no event any more before it.
  void pass(Time now);

  /// Whether the offer waits for its agent.
  bool is_live(const OfferId& offer) const { return live_.contains(offer); }
  /// Those that wait for this one, by their numbers.
  std::vector<std::pair<OfferId, std::size_t>> live_of(const AgentName& agent) const;
  bool is_answered(std::size_t arrival) const { return matters_[arrival].answered.has_value(); }
  bool is_finished(std::size_t arrival) const { return matters_[arrival].finished.has_value(); }
  /// Those who came and have no agent yet.
  const std::set<std::size_t>& unanswered() const { return unanswered_; }
  /// How many came and are not finished.
  std::size_t open() const { return open_; }
  /// When the last of them was finished.
  Time last_finished() const { return last_finished_; }
  std::optional<std::size_t> arrival_of(const ConversationId& conversation) const;

  /// Those that count, as they arrived.
  std::vector<Matter> matters() const;
  std::vector<Sample> samples() const { return samples_; }
  int offered_to(const AgentName& agent) const { return find(offered_, agent); }
  int answered_by(const AgentName& agent) const { return find(answered_, agent); }
  int abandoned_at(const AgentName& agent) const { return find(abandoned_, agent); }

 private:
  bool within_day(Time at) const { return at >= day_.begin && at < day_.end; }
  void follow(std::size_t arrival, const Event& event);
  void on_offer_made(std::size_t arrival, const Event& event);
  void on_withdrawn(std::size_t arrival, const Event& event);
  void on_assigned(std::size_t arrival, const Event& event);
  void on_resolved(std::size_t arrival, const Event& event);
  static int find(const std::map<AgentName, int>& counts, const AgentName& agent);

  const Day& day_;
  std::vector<Matter> matters_;  // of all arrivals
  std::vector<bool> waits_;
  std::unordered_map<ConversationId, std::size_t> arrivals_;
  struct Live {
    std::size_t arrival;
    AgentName agent;
  };
  std::unordered_map<OfferId, Live> live_;
  std::set<std::size_t> unanswered_;
  std::size_t open_ = 0;
  std::map<QueueName, int> waiting_;
  std::map<AgentName, int> offered_;
  std::map<AgentName, int> answered_;
  std::map<AgentName, int> abandoned_;
  std::vector<Sample> samples_;
  Time next_sample_;
  Time last_finished_;
};

}  // namespace peyk::routing::simulation
