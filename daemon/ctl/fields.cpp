#include "daemon/ctl/fields.h"

#include <array>
#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"

namespace peyk::ctl {
namespace {

namespace json = boost::json;

std::string local(std::time_t time, const char* format) {
  std::tm parts{};
  localtime_r(&time, &parts);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), format, &parts);
  return {text.data(), size};
}

}  // namespace

const json::value& member(const json::value& object, std::string_view name) {
  static const json::value kNull;
  if (!object.is_object()) return kNull;
  const auto* found = object.get_object().if_contains(name);
  return found == nullptr ? kNull : *found;
}

std::string text(const json::value& object, std::string_view name) {
  const auto& value = member(object, name);
  if (value.is_null()) return {};
  if (value.is_string()) return clean_text(std::string_view(value.get_string()));
  if (value.is_double()) return fmt::format("{:.6g}", value.get_double());
  return json::serialize(value);
}

std::int64_t number(const json::value& object, std::string_view name) {
  const auto& value = member(object, name);
  boost::system::error_code error;
  const auto whole =
      value.is_double() ? static_cast<std::int64_t>(value.get_double()) : value.to_number<std::int64_t>(error);
  return error ? 0 : whole;
}

const json::array& items(const json::value& object, std::string_view name) {
  static const json::array kNone;
  const auto& value = member(object, name);
  return value.is_array() ? value.get_array() : kNone;
}

std::string duration_words(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min", whole / 60);
  if (whole < 86'400) return fmt::format("{} h {:02}", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d", whole / 86'400);
}

std::string local_time(std::string_view rfc3339) {
  const auto time = parse_rfc3339(rfc3339);
  if (!time) return std::string(rfc3339);
  const auto seconds = static_cast<std::time_t>(to_unix_ms(*time) / 1000);
  const auto today = local(static_cast<std::time_t>(to_unix_ms(system_clock().now()) / 1000), "%F");
  return local(seconds, "%F") == today ? local(seconds, "%R") : local(seconds, "%F %R");
}

double seconds_until(std::string_view rfc3339) {
  const auto time = parse_rfc3339(rfc3339);
  if (!time) return 0;
  return static_cast<double>(to_unix_ms(*time) - to_unix_ms(system_clock().now())) / 1000;
}

}  // namespace peyk::ctl
