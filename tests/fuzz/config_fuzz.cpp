// Any bytes as a configuration: it loads or says why, and every problem has a message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/hours.h"
#include "config/loader.h"
#include "config/starvation.h"

namespace {

void use(const peyk::config::Config& config) {
  using namespace peyk;
  for (const auto& [name, hours] : config.hours) {
    const auto clock = config::create_hours_clock(hours);
    const auto opens = clock->next_open(from_unix_ms(1'795'321'560'000));
    if (opens && !clock->is_open(*opens)) std::abort();
  }
  if (config::describe_starvation(config, from_unix_ms(1'795'321'560'000)).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peyk::config;
  LoadOptions options;
  options.secrets_required = false;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto result = load_text(text, "/nonexistent/peyk.yaml", options);
  bool error = false;
  for (const auto& problem : result.problems) {
    if (problem.message.empty() || problem.line < 0 || problem.column < 0) std::abort();
    error = error || problem.severity == Severity::error;
  }
  if (result.ok() == error) std::abort();
  if (result.ok()) use(*result.config);
  return 0;
}
