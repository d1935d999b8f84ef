#include "daemon/ctl/simulate.h"

#include <csignal>
#include <iostream>
#include <memory>
#include <unistd.h>
#include <utility>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "daemon/ctl/plot_file.h"
#include "daemon/ctl/simulate_inputs.h"
#include "daemon/ctl/simulate_result.h"
#include "routing/simulation/scratch_store.h"
#include "routing/simulation/simulator.h"

namespace peyk::ctl {
namespace {

namespace simulation = routing::simulation;

constexpr int kSeedsToCompare = 5;

/// One line on a terminal's standard error, which goes when it is done.
class Progress {
 public:
  Progress() : shown_(::isatty(STDERR_FILENO) == 1) {}
  ~Progress() { say({}); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void say(const std::string& text) const {
    if (shown_) std::cerr << "\r\x1b[K" << text << std::flush;
  }

 private:
  bool shown_;
};

/// Ctrl-C ends between two runs, so that the scratch Redis and its folder are gone with us.
class Interruption {
 public:
  explicit Interruption(const asio::any_io_executor& executor) : signals_(executor, SIGINT, SIGTERM) {
    signals_.async_wait([came = came_](const boost::system::error_code& error, int) { *came = !error; });
  }
  bool came() const { return *came_; }

 private:
  std::shared_ptr<bool> came_ = std::make_shared<bool>(false);
  asio::signal_set signals_;
};

class Simulate {
 public:
  Simulate(SimulateOptions options, SimulateInputs inputs, Output output)
      : options_(std::move(options)), inputs_(std::move(inputs)), output_(output) {}

  asio::awaitable<int> run() {
    const auto executor = co_await asio::this_coro::executor;
    const Interruption interruption(executor);
    auto store = co_await simulation::start_scratch_store();
    if (!store) co_return report(store.error());
    const auto done = co_await simulate_all((*store)->client(), interruption);
    co_await (*store)->stop();
    if (!done) co_return report(done.error());
    const auto plotted = co_await plot();
    if (!plotted) co_return report(plotted.error());
    print();
    co_return 0;
  }

 private:
  asio::awaitable<Result<>> simulate_all(redis::Client& client, const Interruption& interruption) {
    std::vector<std::vector<simulation::Outcome>> outcomes(inputs_.configs.size());
    for (int run = 0; run < seeds(); ++run) {
      for (std::size_t at = 0; at < inputs_.configs.size(); ++at) {
        if (interruption.came()) co_return fail(ErrorCode::cancelled, "interrupted");
        progress_.say(fmt::format("run {} of {} with {} …", run + 1, seeds(), inputs_.configs[at]->file));
        auto outcome = co_await simulate_one(client, at, run);
        if (!outcome) co_return std::unexpected(outcome.error());
        seconds_ += outcome->seconds;
        script_calls_ += outcome->script_calls;
        outcomes[at].push_back(std::move(*outcome));
      }
      result_.seeds.push_back(options_.seed + static_cast<std::uint64_t>(run));
    }
    progress_.say({});
    for (std::size_t at = 0; at < inputs_.configs.size(); ++at) {
      result_.configs.push_back(make_simulated(inputs_.configs[at], std::move(outcomes[at]), result_.end));
    }
    co_return Result<>();
  }

  asio::awaitable<Result<simulation::Outcome>> simulate_one(redis::Client& client, std::size_t at, int run) {
    const auto day = day_of(*inputs_.configs[at], run);
    result_.begin = day.begin;
    result_.end = day.end;
    const auto seed = options_.seed + static_cast<std::uint64_t>(run);
    auto outcome = co_await simulation::simulate(client, {inputs_.configs[at], &day, seed});
    co_return outcome;
  }

  /// The same for both configurations. The first run of a trace is the trace itself.
  simulation::Day day_of(const config::Config& config, int run) const {
    const auto seed = options_.seed + static_cast<std::uint64_t>(run);
    if (inputs_.recorded.empty()) return simulation::drawn_day(inputs_.profile, config, seed);
    return simulation::recorded_day(inputs_.recorded, inputs_.profile, config, run == 0 ? 0 : seed);
  }

  int seeds() const {
    if (options_.seeds > 0) return options_.seeds;
    return inputs_.configs.size() > 1 ? kSeedsToCompare : 1;
  }

  asio::awaitable<Result<>> plot() {
    if (options_.plot.empty()) co_return Result<>();
    std::vector<simulation::PlotRun> runs;
    runs.reserve(result_.configs.size());
    for (const auto& one : result_.configs) {
      runs.push_back({runs.empty() ? "A" : "B", &one.outcomes.front()});
    }
    simulation::PlotOptions plot_options;
    plot_options.timezone = inputs_.profile.timezone;
    plot_options.begin = result_.begin;
    plot_options.end = result_.end;
    const auto written = co_await write_plot(options_.plot, runs, plot_options);
    co_return written;
  }

  void print() {
    result_.source = options_.trace.empty() ? options_.profile : options_.trace;
    result_.timezone = inputs_.profile.timezone;
    if (output_.json) {
      std::cout << boost::json::serialize(render_json(result_)) << "\n";
      return;
    }
    std::cout << render_tables(result_, output_.style)
              << fmt::format("\n{} script calls in {:.1f} s.\n", script_calls_, seconds_);
  }

  SimulateOptions options_;
  SimulateInputs inputs_;
  Output output_;
  Progress progress_;
  SimulateResult result_;
  std::int64_t script_calls_ = 0;
  double seconds_ = 0;
};

/// What need not wait for the end of long runs to be found out.
Result<> check_plot(const SimulateOptions& options) {
  if (options.plot.empty()) return {};
  const auto format = plot_format_of(options.plot);
  if (!format) return std::unexpected(format.error());
  return find_gnuplot();
}

}  // namespace

asio::awaitable<int> run_simulate(SimulateOptions options, Output output) {
  const auto plot = check_plot(options);
  if (!plot) co_return report(plot.error());
  auto inputs = read_simulate_inputs(options, std::cerr);
  if (!inputs) co_return 1;
  Simulate simulate(std::move(options), std::move(*inputs), output);
  co_return co_await simulate.run();
}

}  // namespace peyk::ctl
