// What happens next to a conversation and by when, in the customer's words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "channels/opening.h"
#include "channels/pages/catalogue.h"
#include "routing/reader.h"

namespace peyk::channels::status {

struct NextStep {
  std::string actor;                 // "team", "customer" or "nobody"
  std::optional<Time> by;            // to come; none: nothing is due, or nobody can say
  std::vector<std::string> lines{};  // for people, most important first
};

/// `timezone` is the one times are written in.
NextStep next_step(const routing::StatusView& view, const Opening& opening, const pages::Catalogue& words,
                   const std::string& timezone, Time now);

/// The state's words.
std::string_view state_text(routing::State state, const pages::Catalogue& words);

}  // namespace peyk::channels::status
