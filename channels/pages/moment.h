// Times, waits and numbers as a reader of that language writes them.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "channels/pages/catalogue.h"

namespace peyk::channels::pages {

/// Date and time of day in `timezone`; the Persian calendar in Persian. "UTC" where the zone is unknown.
std::string moment(const Catalogue& words, Time time, const std::string& timezone);

/// A wait, rounded up to what is worth saying: "2 minutes", "3 hours".
std::string wait(const Catalogue& words, double seconds);

/// A whole number with the language's digits.
std::string number(const Catalogue& words, std::int64_t value);

}  // namespace peyk::channels::pages
