// What a conversation asks for as time passes, by brute force: preferences dropped, rings opened.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/desk_state.h"

namespace peyk::test {

using Levels = std::map<std::string, int>;

/// A demand's text, "a=1,b=2+ring+other", as levels and rings.
std::pair<Levels, std::vector<std::string>> read_demand(const std::string& text);
bool meets(const SeenAgent& agent, const Levels& levels);

/// What it asks for from `since` on.
class Plan {
 public:
  Plan() = default;
  /// `asks`: what scripts get as `class`. Not known to it: more than one preference of which any says `unless`.
  Plan(const json::object& asks, std::int64_t since);

  /// Reopened: from the beginning, and where its queue is none of `queues` any more, as `asks` says besides.
  void reopen(const json::object& asks, const std::vector<std::string>& queues, std::int64_t since);
  /// What it should ask for now, and does not, in words; it waits for a queue. Nothing is wrong: nullopt.
  std::optional<std::string> check(const DeskState& state, const SeenConversation& c);
  /// It may have come to another queue: as it is in its owner's hands, else without preferences and rings, as the moves
  /// of random days are.
  void follow(const SeenConversation& c);

 private:
  struct Preference {
    Levels skills;
    std::int64_t lasts = 0;
    std::string unless;
    bool dropped = false;
  };

  Levels levels_at(const DeskState& state, const std::vector<std::string>& open);
  bool nobody(const DeskState& state, const Levels& levels, const std::vector<std::string>& open,
              const std::string& unless) const;

  std::string queue_;
  Levels require_;
  std::vector<Preference> prefer_;
  std::vector<std::pair<std::string, std::int64_t>> rings_;
  std::int64_t since_ = 0;
};

}  // namespace peyk::test
