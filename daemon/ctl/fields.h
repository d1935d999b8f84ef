// Reading the API's JSON where a member may be missing: a newer or older server must not end the program.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace peyk::ctl {

/// The member, or null.
const boost::json::value& member(const boost::json::value& object, std::string_view name);
/// Its text; numbers and truth values as text; empty when null or missing. Without control characters, since it may
/// be a stranger's and goes to a terminal; line ends stay.
std::string text(const boost::json::value& object, std::string_view name);
std::int64_t number(const boost::json::value& object, std::string_view name);
/// Its items; empty when it is no array.
const boost::json::array& items(const boost::json::value& object, std::string_view name);

/// "45 s", "3 min", "2 h 05", "4 d".
std::string duration_words(double seconds);
/// "14:05" today, else "2026-11-22 14:05", in the local time zone; the text itself when it is no time.
std::string local_time(std::string_view rfc3339);
/// Seconds from now until that time (negative: past); 0 when it is no time.
double seconds_until(std::string_view rfc3339);

}  // namespace peyk::ctl
