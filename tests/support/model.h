// The simple reference that the scripts are held against: rules by brute force, and what must hold after every event.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/desk_state.h"
#include "tests/support/model_plan.h"

namespace peyk::test {

struct KindModel {
  std::int64_t weight = 100;
  std::optional<std::int64_t> max;
  std::vector<std::string> interrupts;
};

/// What differs for one agent.
struct KindOverride {
  std::optional<std::int64_t> weight;
  std::optional<std::int64_t> max;
};

/// What the item rule gives one agent, the first first, and whom he is held for then; empty: nobody.
struct HandedOut {
  std::vector<std::string> offers;
  std::string held;
};

/// Floors by skill, falling.
using Bands = std::map<std::string, std::vector<int>>;

class Model {
 public:
  std::map<std::string, KindModel> kinds;
  std::map<std::string, std::map<std::string, KindOverride>> own_kinds;  // by agent
  double exponent = 1;
  int parallel = 1;

  // What was acknowledged, in the order of the calls.
  void message(const std::string& conversation, const std::string& message);
  void owned(const std::string& conversation, const std::string& agent);
  /// What it asks of an agent from now on; and when it was taken up again, on a desk of these queues.
  void classified(const std::string& conversation, const json::object& asks, std::int64_t at);
  void reopened(const std::string& conversation, const json::object& asks, const std::vector<std::string>& queues,
                std::int64_t at);
  /// The last message asks for an answer, since `at`; its owner's answer, he having seen `seen` (nullopt: all).
  void asked(const std::string& conversation, std::int64_t at);
  void answered(const std::string& conversation, const std::optional<std::string>& seen);
  /// Put aside, or done: `state` is pending, snoozed or resolved.
  void put(const std::string& conversation, const std::string& state, std::int64_t until);
  /// Back with the router: transferred, reopened, withdrawn.
  void routed(const std::string& conversation);

  /// Whether he has room for one of this kind: true; false when what his own work will free is lacking; none when that
  /// would not help.
  std::optional<bool> room(const SeenAgent& agent, const std::string& kind) const;
  static bool admits(const SeenAgent& agent, const SeenConversation& conversation);
  /// By the agent rule: its last agent if he is free, else ring by ring, in each band by band; empty: nobody.
  std::string best_agent(const DeskState& state, const SeenConversation& conversation, const Bands& bands) const;
  std::int64_t weight(const std::string& agent, const std::string& kind) const;
  /// By the item rule, of what waits, what lacks units only where nobody else is held for it; else of what fewer were
  /// offered than may be; null: nothing.
  const SeenConversation* best_item(const DeskState& state, const SeenAgent& agent) const;
  /// What he gets, one after the other, until nothing fits or the most urgent lacks units.
  HandedOut hand_out(DeskState state, SeenAgent agent) const;
  double urgency(const SeenConversation& conversation, std::int64_t now) const;

  /// What is broken, in words; empty: nothing. `at_rest`: time was let run and nothing is under way. Then takes over
  /// what time and absence may change by themselves.
  std::vector<std::string> check(const DeskState& state, bool at_rest);
  /// Of what was offered between the two, each that was more than its agent had room for when it was offered.
  std::vector<std::string> check_offers(const DeskState& before, const DeskState& after) const;
  /// Of offers made and holds begun between the two, each that passed over what was more urgent and his to have.
  std::vector<std::string> check_urgency(const DeskState& before, const DeskState& after) const;

  const std::map<std::string, std::vector<std::string>>& messages() const { return messages_; }

 private:
  struct Question {
    std::size_t place = 0;  // among the conversation's messages, from 1
    std::int64_t at = 0;
  };
  struct Expected {
    std::string state;  // "routed" stands for waiting and offered
    std::string owner;
    std::int64_t until = 0;
  };

  std::optional<std::int64_t> most(const std::string& agent, const std::string& kind) const;
  /// Of those who serve the queue, meet the levels and are free.
  std::string best_of(const DeskState& state, const std::string& kind, const std::string& queue,
                      const std::map<std::string, int>& levels) const;
  void check_place(const DeskState& state, const SeenConversation& c, std::vector<std::string>& wrong) const;
  void check_agent(const DeskState& state, const SeenAgent& a, std::vector<std::string>& wrong) const;
  /// Admitted, not asked yet, and not cooled down; room aside.
  static bool may_have(const DeskState& state, const SeenAgent& agent, const SeenConversation& c);
  void check_hold(const DeskState& state, const SeenAgent& a, std::vector<std::string>& wrong);
  bool takes_any(const SeenAgent& agent) const;
  /// It may be his, or, lacking units, be what he is held for.
  bool concerns(const DeskState& state, const SeenAgent& agent, const SeenConversation& c) const;
  /// What concerned him before and after, having waited in its place all the while.
  std::vector<const SeenConversation*> left_waiting(const DeskState& before, const DeskState& after,
                                                    const std::string& agent) const;
  void check_new_offers(const DeskState& before, const DeskState& after, const std::string& name,
                        std::vector<std::string>& wrong) const;
  bool wants_agent(const DeskState& state, const SeenConversation& c) const;
  void check_rest(const DeskState& state, const SeenConversation& c, std::vector<std::string>& wrong) const;
  void check_age(const SeenConversation& c, std::vector<std::string>& wrong);
  void check_expected(const DeskState& state, const SeenConversation& c, std::vector<std::string>& wrong);
  void check_demand(const DeskState& state, const SeenConversation& c, std::vector<std::string>& wrong);
  void check_questions(const SeenConversation& c, std::vector<std::string>& wrong) const;
  bool may_leave(const DeskState& state, const SeenConversation& c, const Expected& expected) const;

  std::map<std::string, std::vector<std::string>> messages_;
  std::map<std::string, std::vector<Question>> questions_;  // without an answer, oldest first
  std::map<std::string, Expected> expected_;
  std::map<std::string, Plan> plans_;
  std::map<std::string, std::int64_t> ages_;     // since when it is the desk's turn; absent: it is not
  std::map<std::string, std::int64_t> outdone_;  // since when something outdoes what he is held for, by agent
};

}  // namespace peyk::test
