// Any bytes as a profile: a day can be drawn from it, or every problem has a place and a message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "routing/simulation/days.h"
#include "routing/simulation/profile.h"
#include "tests/fuzz/small_desk.h"

namespace {

using namespace peyk;
using namespace peyk::routing::simulation;

// Drawing a day of more would take longer than a fuzzer waits.
constexpr double kFew = 10'000;

void draw_day(Profile profile) {
  double expected = 0;
  for (const auto& stream : profile.arrivals) {
    for (const double count : stream.per_hour) expected += count;
  }
  if (expected > kFew) return;
  if (!profile.date) profile.date = config::CalendarDate{2026, 11, 21};
  if (profile.timezone.empty()) profile.timezone = "UTC";
  const auto day = drawn_day(profile, *fuzz::small_desk(), 1);
  Time last = day.begin;
  for (const auto& arrival : day.arrivals) {
    if (arrival.at < last || arrival.at >= day.end || arrival.name.empty()) std::abort();
    last = arrival.at;
  }
  for (const auto& shift : day.shifts) {
    if (shift.to <= shift.from) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto result = load_profile(text, "/nonexistent/day.yaml", {{fuzz::small_desk()}, true});
  for (const auto& problem : result.problems) {
    if (problem.message.empty() || problem.line < 0 || problem.column < 0) std::abort();
  }
  if (result.profile.has_value() != result.problems.empty()) std::abort();
  if (result.profile) draw_day(std::move(*result.profile));
  return 0;
}
