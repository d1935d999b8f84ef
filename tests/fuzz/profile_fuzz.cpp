// Any bytes as a profile: a day can be drawn from it, or every problem has a place and a message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/loader.h"
#include "routing/simulation/days.h"
#include "routing/simulation/profile.h"

namespace {

using namespace peyk;
using namespace peyk::routing::simulation;

// Drawing a day of more would take longer than a fuzzer waits.
constexpr double kFew = 10'000;

config::ConfigPtr desk() {
  static const auto kConfig = config::load_text(R"(version: 1
redis: {embedded: true}
http: {listen: "127.0.0.1:0"}
channels:
  site-chat: {kind: chat}
  contact-form: {kind: form, fields: {product: {label: Product}}}
queues:
  service: {promise: {first_reply: 2m, resolve: 2d}}
routes: [{queue: service}]
agents:
  ani: {name: Ani, queues: [service], capacity: 4}
)",
                                                "/nonexistent/peyk.yaml", {})
                                  .config;
  return kConfig;
}

void draw_day(Profile profile) {
  double expected = 0;
  for (const auto& stream : profile.arrivals) {
    for (const double count : stream.per_hour) expected += count;
  }
  if (expected > kFew) return;
  if (!profile.date) profile.date = config::CalendarDate{2026, 11, 21};
  if (profile.timezone.empty()) profile.timezone = "UTC";
  const auto day = drawn_day(profile, *desk(), 1);
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
  auto result = load_profile(text, "/nonexistent/day.yaml", {{desk()}, true});
  for (const auto& problem : result.problems) {
    if (problem.message.empty() || problem.line < 0 || problem.column < 0) std::abort();
  }
  if (result.profile.has_value() != result.problems.empty()) std::abort();
  if (result.profile) draw_day(std::move(*result.profile));
  return 0;
}
