// A day as it might be: how many come by the hour, how long they take and wait, who works when. YAML.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/loader.h"
#include "config/schema.h"
#include "routing/simulation/rota.h"
#include "routing/simulation/spread.h"

namespace peyk::routing::simulation {

/// With `chance` the customer writes again after each answer, `most` times at most; each time it takes as long to
/// answer as the stream's conversations do.
struct Replies {
  double chance = 0;
  Spread after;
  int most = 20;
};

/// Connections that agents lose while they are on shift.
struct Losses {
  double per_hour = 0;
  Spread length;
};

/// Conversations of one sort.
struct Stream {
  std::string name;  // its conversations are NAME 1, NAME 2, …; empty: the channel's
  ChannelName channel;
  QueueName queue;  // empty: the routes decide
  std::map<std::string, std::string> fields;
  std::string subject;
  std::string text;
  Language language;                // empty: the channel's
  std::array<double, 24> per_hour;  // how many are expected in each hour of the day
  Spread handling;
  std::optional<Spread> patience;  // none: they wait for ever
  std::optional<Replies> replies;  // none: the first answer is the solution
};

struct Profile {
  std::optional<config::CalendarDate> date;
  std::string timezone;  // empty: the configuration's
  Milliseconds accept_delay{0};
  std::vector<Stream> arrivals;
  Rota rota;
  std::optional<Losses> losses;  // none: connections hold
};

struct ProfileOptions {
  std::vector<config::ConfigPtr> configs;  // a channel or queue must be in each, an agent in one of them
  bool arrivals_required = true;
};

struct ProfileResult {
  std::optional<Profile> profile;         // none exactly when there is an error
  std::vector<config::Problem> problems;  // by line and column
};

ProfileResult load_profile(std::string_view text, const std::filesystem::path& file, const ProfileOptions& options);

/// Its keys, for reader and manual.
const config::Table<Profile>& profile_table();

}  // namespace peyk::routing::simulation
