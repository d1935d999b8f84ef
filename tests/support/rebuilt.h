// A desk rebuilt from its event stream alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/desk_state.h"

namespace peyk::test {

/// By conversation: what its entries say, folded: state, queue, agent, next_actor, next_at, unanswered_since, ….
std::map<std::string, std::map<std::string, std::string>> rebuild(Store& store);

/// Where the stream and the store differ in state, owner or times.
std::vector<std::string> compare_with_stream(Store& store, const DeskState& state);

}  // namespace peyk::test
