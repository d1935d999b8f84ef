// All of a desk's routing state at one moment, read apart from the scripts' own reads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/store.h"

namespace peyk::test {

struct SeenConversation {
  std::string id;
  std::string state;
  std::string queue;
  std::string kind;
  std::string priority;
  std::string demand;  // as text: "hy=2+ring"
  std::string owner;
  std::string own_lane;  // of the agent it was handed to
  std::string offers;    // "o_1=ani;o_2=bob"
  std::string next_actor;
  std::string last_agent;
  std::string outcome;
  std::int64_t created_at = 0;
  std::int64_t unanswered_since = 0;
  std::int64_t first_replied_at = 0;
  std::int64_t due = 0;
  std::int64_t promise_s = 0;
  std::int64_t age_at = 0;
  std::int64_t next_at = 0;
  std::int64_t weight = 0;
  std::int64_t messages = 0;
  bool dormant = false;  // with its owner, and its customer's turn
  int lanes = 0;         // that it stands in
};

struct SeenOffer {
  std::string id;
  std::string conversation;
  std::string kind;
  std::int64_t weight = 0;
  std::int64_t deadline = 0;  // by the test's clock
  std::string by;             // how its agent was found: "own" when it was handed to him
};

struct SeenAgent {
  std::string name;
  std::map<std::string, int> skills;
  std::vector<std::string> queues;
  std::int64_t capacity = 0;
  std::int64_t idle_at = 0;
  bool taking = false;
  bool lost = false;  // his connection, for longer than `reassign_after`
  std::string presence;
  std::string held;
  std::map<std::string, std::int64_t> load;    // by kind
  std::map<std::string, std::int64_t> counts;  // by kind
  std::map<std::string, std::int64_t> asleep;  // of the load, what dormant conversations charge, by kind
  std::vector<SeenOffer> offers;
  std::vector<std::string> work;
  std::map<std::string, std::int64_t> wrap_up;  // units by kind
  std::map<std::string, std::int64_t> cooled;   // conversation → until
};

struct DeskState {
  std::int64_t now = 0;
  std::map<std::string, SeenConversation> conversations;  // that are open
  std::map<std::string, SeenAgent> agents;
};

DeskState look_at(Store& store);

}  // namespace peyk::test
