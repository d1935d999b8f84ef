// The keys of a demand, which queues and routes have alike.
#pragma once

#include <chrono>

#include "config/tables.h"
#include "config/types.h"

namespace peyk::config {

Type<PreferStep> prefer_step_type();
Type<Ring> ring_type();

/// `access` gives the Demand of a T.
template <typename T>
void add_demand_keys(Table<T>& table, Demand T::* demand) {
  const auto part = [demand](auto member) {
    return [demand, member](T& into) -> auto& { return into.*demand.*member; };
  };
  table
      .key(
          "require", skill_levels(), part(&Demand::require),
          "the least levels an agent must have; `language`, here and below, stands for the conversation's own language")
      .by_default("nothing");
  table.key("prefer", list(prefer_step_type(), {.most = 16}), part(&Demand::prefer),
            "skills insisted on for a time, then dropped, step by step");
  table
      .key("bands", bands(), part(&Demand::bands),
           "who meets the first floor of a skill is preferred to who meets the second only, before load counts; "
           "without it all who meet the level are equal")
      .by_default("none");
  table.key("rings", list(ring_type(), {.most = 16}), part(&Demand::rings),
            "other queues whose agents may take it as well after a time");
}

}  // namespace peyk::config
