#include "daemon/ctl/simulate_inputs.h"

#include <chrono>
#include <fstream>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "config/local_time.h"
#include "config/roster.h"
#include "daemon/check.h"
#include "routing/simulation/trace.h"

namespace peyk::ctl {
namespace {

namespace simulation = routing::simulation;

// A profile is no longer than a configuration may be.
constexpr std::size_t kLargestProfile = std::size_t{8} << 20U;
// Samples of each minute and queue are kept.
constexpr auto kLongestTrace = std::chrono::days(31);

std::optional<std::string> read_file(const std::string& file, std::size_t limit, std::ostream& err) {
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  const auto size = stream ? static_cast<std::streamoff>(stream.tellg()) : std::streamoff{-1};
  if (size < 0) {
    err << file << ": cannot be read (is it there, and readable?)\n";
    return std::nullopt;
  }
  if (static_cast<std::size_t>(size) > limit) {
    err << file << ": larger than " << (limit >> 20U) << " MiB\n";
    return std::nullopt;
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  stream.seekg(0);
  stream.read(text.data(), size);
  if (stream) return text;
  err << file << ": cannot be read\n";
  return std::nullopt;
}

class InputReader {
 public:
  InputReader(const SimulateOptions& options, std::ostream& err) : options_(options), err_(err) {}

  std::optional<SimulateInputs> read() {
    const bool loaded = load_configs();
    const bool dated = read_date();
    // Without the configurations their names would all be unknown.
    if (!loaded || !dated || !load_profile()) return std::nullopt;
    if (date_) inputs_.profile.date = date_;
    if (inputs_.profile.timezone.empty()) inputs_.profile.timezone = inputs_.configs.front()->timezone;
    if (options_.trace.empty()) {
      if (inputs_.profile.date) return std::move(inputs_);
      err_ << options_.profile << ": which day is it? Say date: there, or --date\n";
      return std::nullopt;
    }
    if (!load_trace()) return std::nullopt;
    return std::move(inputs_);
  }

 private:
  bool load_configs() {
    auto load = daemon::load_options({});
    load.secrets_required = false;
    bool right = true;
    for (const auto& file : options_.configs) {
      auto result = config::load(file, load);
      tell(result);
      right = right && result.ok();
      inputs_.configs.push_back(std::move(result.config));
    }
    return right;
  }

  /// Errors, or what could make a simulation go wrong: that a secret is not here does not.
  void tell(const config::LoadResult& result) {
    for (const auto& problem : result.problems) {
      if (problem.severity == config::Severity::error) err_ << config::to_string(problem) << '\n';
    }
    if (!result.ok()) return;
    for (const auto& gap : config::roster_gaps(*result.config)) {
      err_ << config::to_string(gap.place) << ": warning: " << gap.message << '\n';
    }
    for (const auto& use : result.not_yet) err_ << result.config->file << ": warning: " << use.message << '\n';
  }

  bool read_date() {
    if (options_.date.empty()) return true;
    const auto date = config::parse_day(options_.date);
    if (date) {
      date_ = *date;
      return true;
    }
    err_ << "--date: " << date.error().message << '\n';
    return false;
  }

  bool load_profile() {
    if (options_.profile.empty()) return true;
    const auto text = read_file(options_.profile, kLargestProfile, err_);
    if (!text) return false;
    auto result = simulation::load_profile(*text, options_.profile,
                                           {.configs = inputs_.configs, .arrivals_required = options_.trace.empty()});
    for (const auto& problem : result.problems) err_ << config::to_string(problem) << '\n';
    if (!result.profile) return false;
    inputs_.profile = std::move(*result.profile);
    return true;
  }

  bool load_trace() {
    const auto text = read_file(options_.trace, simulation::kLargestTraceBytes, err_);
    if (!text) return false;
    auto trace = simulation::read_trace(
        *text, {options_.trace, inputs_.configs, inputs_.profile.date, inputs_.profile.timezone});
    for (const auto& problem : trace.problems) err_ << problem << '\n';
    if (!trace.ok()) return false;
    if (trace.arrivals.back().at - trace.arrivals.front().at > kLongestTrace) {
      err_ << fmt::format("{}: from {} to {} are more than 31 days\n", options_.trace,
                          to_rfc3339(trace.arrivals.front().at), to_rfc3339(trace.arrivals.back().at));
      return false;
    }
    inputs_.recorded = std::move(trace.arrivals);
    return true;
  }

  const SimulateOptions& options_;
  std::ostream& err_;
  std::optional<config::CalendarDate> date_;
  SimulateInputs inputs_;
};

}  // namespace

std::optional<SimulateInputs> read_simulate_inputs(const SimulateOptions& options, std::ostream& err) {
  return InputReader(options, err).read();
}

}  // namespace peyk::ctl
