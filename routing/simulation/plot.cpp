#include "routing/simulation/plot.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "config/local_time.h"
#include "routing/simulation/statistics.h"

namespace peyk::routing::simulation {
namespace {

constexpr std::size_t kMostQueues = 6;
constexpr int kBuckets = 96;  // a quarter of an hour of a day
// Where nobody came for longer, the line stops: there was no wait.
constexpr int kLongestGap = 4;
// Wong's palette (Nature Methods 8, 441), which the colour-blind can tell apart too.
constexpr std::array<std::string_view, kMostQueues> kColours{"#0072B2", "#D55E00", "#009E73",
                                                             "#CC79A7", "#E69F00", "#56B4E9"};

double seconds(Milliseconds value) {
  return static_cast<double>(value.count()) / 1000;
}

/// In single quotes, within which gnuplot knows nothing but the doubled quote.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : clean_line(text)) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

std::vector<QueueName> busiest_queues(const Outcome& outcome) {
  std::map<QueueName, int> counts;
  for (const auto& matter : outcome.matters) ++counts[matter.queue];
  std::vector<QueueName> queues;
  queues.reserve(counts.size());
  for (const auto& entry : counts) queues.push_back(entry.first);
  std::sort(queues.begin(), queues.end(), [&counts](const auto& left, const auto& right) {
    return std::pair(-counts[left], left) < std::pair(-counts[right], right);
  });
  queues.resize(std::min(queues.size(), kMostQueues));
  return queues;
}

/// One line of the picture: a block of the data file.
struct Line {
  std::string title;
  std::size_t colour = 0;
  bool dashed = false;
  std::size_t block = 0;
};

class PlotMaker {
 public:
  PlotMaker(std::span<const PlotRun> runs, const PlotOptions& options)
      : runs_(runs), options_(options), clock_(config::create_local_clock(options.timezone)) {
    if (!runs.empty()) queues_ = busiest_queues(*runs.front().outcome);
  }

  PlotFiles make() {
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      for (std::size_t queue = 0; queue < queues_.size(); ++queue) {
        add_waits(run, queue);
        add_lengths(run, queue);
      }
    }
    return {script(), std::move(data_)};
  }

 private:
  /// Seconds as the wall's clock counts them: gnuplot knows no time zones.
  std::int64_t shown(Time at) const { return to_unix_ms(at + clock_->ahead(at)) / 1000; }

  Line begin_line(std::size_t run, std::size_t queue) {
    auto title = queues_[queue].str();
    if (runs_.size() > 1) title += fmt::format(", {}", runs_[run].label);
    if (block_ > 0) data_ += "\n\n";
    return {std::move(title), queue, run > 0, block_++};
  }

  /// The 90th percentile of the waits of those who came in each quarter of an hour (or 96th part of a longer time).
  void add_waits(std::size_t run, std::size_t queue) {
    const auto line = begin_line(run, queue);
    const auto width = std::max(Milliseconds(std::chrono::minutes(15)), (options_.end - options_.begin) / kBuckets);
    std::map<std::int64_t, std::vector<double>> buckets;
    for (const auto& matter : runs_[run].outcome->matters) {
      if (matter.queue != queues_[queue]) continue;
      auto until = matter.answered;
      if (!until && matter.abandoned) until = matter.finished;
      const double wait = seconds(until.value_or(std::max(options_.end, matter.arrived)) - matter.arrived);
      buckets[(matter.arrived - options_.begin) / width].push_back(wait);
    }
    if (buckets.empty()) return empty_block();
    auto last = buckets.begin()->first;
    for (auto& [bucket, waits] : buckets) {
      if (bucket - last > kLongestGap) data_ += '\n';
      last = bucket;
      std::sort(waits.begin(), waits.end());
      const double wait = std::max(quantile(waits, 0.9), 1.0);  // an axis in decades has no zero
      longest_ = std::max(longest_, wait);
      data_ += fmt::format("{} {:.1f}\n", shown(options_.begin + bucket * width + width / 2), wait);
    }
    waits_.push_back(line);
  }

  void add_lengths(std::size_t run, std::size_t queue) {
    const auto line = begin_line(run, queue);
    bool any = false;
    for (const auto& sample : runs_[run].outcome->samples) {
      if (sample.queue != queues_[queue] || sample.at < options_.begin || sample.at > options_.end) continue;
      data_ += fmt::format("{} {}\n", shown(sample.at), sample.waiting);
      most_ = std::max(most_, sample.waiting);
      any = true;
    }
    if (!any) return empty_block();
    lengths_.push_back(line);
  }

  /// gnuplot counts blocks by what is in them.
  void empty_block() { data_ += "0 0\n"; }

  std::string plot_of(const std::vector<Line>& lines, std::string_view how) const {
    if (lines.empty()) return "plot 0 notitle with lines linecolor rgb '#888888'\n";
    std::string command = "plot ";
    for (const auto& line : lines) {
      if (command.size() > 5) command += ", \\\n     ";
      command += fmt::format("{} index {} using 1:2 with {} linewidth 2 dashtype {} linecolor rgb '{}' title {}",
                             quoted(options_.data), line.block, how, line.dashed ? 2 : 1, kColours[line.colour],
                             quoted(line.title));
    }
    return command + "\n";
  }

  /// Terminal, file and what both parts of the picture share.
  std::string frame() const {
    const auto length = options_.end - options_.begin;
    const auto* terminal = options_.format == PlotFormat::svg
                               ? "svg size 1200,820 dynamic font 'sans-serif,15' background '#ffffff'"
                               : "pngcairo size 1600,1100 font 'sans,16' background '#ffffff'";
    auto text = fmt::format("set encoding utf8\nset terminal {} noenhanced\nset output {}\n", terminal,
                            quoted(options_.output));
    text += fmt::format("set xdata time\nset timefmt '%s'\nset format x '{}'\nset xrange [{}:{}]\n",
                        length > std::chrono::hours(36) ? "%d. %H:%M" : "%H:%M", shown(options_.begin),
                        shown(options_.end));
    if (length > std::chrono::hours(12) && length <= std::chrono::hours(36)) text += "set xtics 7200\n";
    text += "set grid xtics ytics back linetype 1 linewidth 1 linecolor rgb '#dddddd'\n";
    text += "set border 3 linecolor rgb '#444444'\nset tics nomirror textcolor rgb '#222222'\n";
    text += "set key outside right top Left reverse samplen 2\nset lmargin 10\nset rmargin 26\n";
    return text + "set multiplot layout 2,1\n";
  }

  std::string script() const {
    auto text = frame() + "set title 'Wait by time of arrival, 90th percentile'\nset logscale y\n";
    text += fmt::format("set yrange [0.9:{:.0f}]\n", std::max(longest_ * 1.5, 100.0));
    text += "set ytics ('1 s' 1, '10 s' 10, '1 min' 60, '10 min' 600, '1 h' 3600, '10 h' 36000, '4 d' 345600)\n";
    text += plot_of(waits_, "linespoints pointtype 7 pointsize 0.5");
    const bool few = most_ < 6;  // else there would be ticks at half a conversation
    text += fmt::format("unset logscale y\nset yrange [0:{}]\nset ytics {}\nset title 'How many wait'\n",
                        few ? "6" : "*", few ? "autofreq 1" : "autofreq");
    text += plot_of(lengths_, "lines");
    return text + "unset multiplot\nset output\n";
  }

  std::span<const PlotRun> runs_;
  const PlotOptions& options_;
  std::unique_ptr<config::LocalClock> clock_;
  std::vector<QueueName> queues_;
  std::vector<Line> waits_;
  std::vector<Line> lengths_;
  std::string data_;
  std::size_t block_ = 0;
  double longest_ = 0;
  int most_ = 0;
};

}  // namespace

PlotFiles make_plot(std::span<const PlotRun> runs, const PlotOptions& options) {
  return PlotMaker(runs, options).make();
}

}  // namespace peyk::routing::simulation
