// Days to simulate: drawn from a profile, or as a trace recorded them.
#pragma once

#include <cstdint>
#include <vector>

#include "routing/simulation/day.h"
#include "routing/simulation/profile.h"

namespace peyk::routing::simulation {

/// Shifts go on for so long after a day's end, to work off what is open.
inline constexpr auto kAfterwards = std::chrono::hours(24);

/// The day of `profile`, which has date, time zone and arrivals, as `seed` lets it happen: from midnight to midnight.
/// Same profile and seed, same arrivals, whatever the configuration; each stream is drawn apart from the others, and so
/// are the losses of each agent.
Day drawn_day(const Profile& profile, const config::Config& config, std::uint64_t seed);

/// A day of `recorded` (by time, not empty) with the rota of `profile`, which has a time zone: from the full hour
/// before its first to that after its last arrival. `seed` 0: as recorded. Else a day like it: as many conversations,
/// drawn from the recorded ones with replacement, each up to 150 seconds earlier or later.
Day recorded_day(const std::vector<Arrival>& recorded, const Profile& profile, const config::Config& config,
                 std::uint64_t seed);

}  // namespace peyk::routing::simulation
