#include "routing/simulation/trace.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "config/local_time.h"
#include "config/types.h"
#include "routing/simulation/cells.h"
#include "routing/simulation/csv.h"
#include "routing/simulation/order.h"

namespace peyk::routing::simulation {
namespace {

constexpr std::size_t kMostProblems = 100;
constexpr std::string_view kFieldPrefix = "field.";

class Problems {
 public:
  explicit Problems(const std::string& file) : file_(file) {}

  void add(int line, const std::string& message) {
    ++count_;
    if (problems_.size() < kMostProblems) problems_.push_back(fmt::format("{}:{}: {}", file_, line, message));
  }

  bool none() const { return count_ == 0; }

  std::vector<std::string> take() {
    const auto more = count_ - problems_.size();
    if (more > 0) problems_.push_back(fmt::format("{}: and {} more", file_, more));
    return std::move(problems_);
  }

 private:
  const std::string& file_;
  std::size_t count_ = 0;
  std::vector<std::string> problems_;
};

/// Names that every configuration has, or that at least one has.
class Names {
 public:
  explicit Names(const std::vector<config::ConfigPtr>& configs) : configs_(configs) {}

  /// What is wrong with the name; empty when it is everywhere.
  template <typename Map>
  std::string missing(std::string_view what, const std::string& name, Map map) const {
    for (const auto& config : configs_) {
      const auto& known = std::invoke(map, *config);
      if (!known.contains(typename std::decay_t<decltype(known)>::key_type(name))) {
        return fmt::format("{} has no {} \"{}\"", config->file, what, name.substr(0, 60));
      }
    }
    return {};
  }

  bool has_field(const std::string& name) const {
    return std::any_of(configs_.begin(), configs_.end(), [&name](const auto& config) {
      return std::any_of(config->channels.begin(), config->channels.end(), [&name](const auto& entry) {
        const auto* form = entry.second.form();
        return form != nullptr && std::any_of(form->fields.begin(), form->fields.end(),
                                              [&name](const auto& field) { return field.name == name; });
      });
    });
  }

 private:
  const std::vector<config::ConfigPtr>& configs_;
};

class TraceReader {
 public:
  TraceReader(std::string_view text, const TraceOptions& options)
      : csv_(text),
        options_(options),
        clock_(config::create_local_clock(options.timezone)),
        names_(options.configs),
        problems_(options.file) {}

  Trace read() {
    Trace trace;
    if (read_header()) {
      while (auto row = csv_.next()) read_row(*row, trace.arrivals);
      if (trace.arrivals.empty() && problems_.none()) problems_.add(1, "no conversation in it");
    }
    trace.problems = problems_.take();
    if (!trace.ok()) trace.arrivals.clear();
    sort_by_time(trace.arrivals);
    return trace;
  }

 private:
  using Read = std::function<std::string(TraceReader&, const std::string&, Arrival&)>;
  struct Column {
    std::string name;
    bool required = false;
    Read read;  // gives what is wrong
  };

  static const std::vector<Column>& known_columns() {
    static const std::vector<Column> kColumns{
        {"time", true,
         [](TraceReader& self, const std::string& cell, Arrival& into) { return self.read_time(cell, into); }},
        {"channel", true,
         [](TraceReader& self, const std::string& cell, Arrival& into) {
           into.channel = ChannelName(cell);
           return self.names_.missing("channel", cell, &config::Config::channels);
         }},
        {"handling", true,
         [](TraceReader&, const std::string& cell, Arrival& into) {
           const auto length = parse_length(cell);
           if (length) into.handling = *length;
           return length ? std::string() : length.error().message;
         }},
        {"patience", false,
         [](TraceReader&, const std::string& cell, Arrival& into) {
           const auto length = parse_length(cell);
           if (length) into.patience = *length;
           return length ? std::string() : length.error().message;
         }},
        {"replies.after", false,
         [](TraceReader& self, const std::string& cell, Arrival&) { return keep_lengths(cell, self.replies_after_); }},
        {"replies.handling", false,
         [](TraceReader& self, const std::string& cell, Arrival&) {
           return keep_lengths(cell, self.replies_handling_);
         }},
        {"queue", false,
         [](TraceReader& self, const std::string& cell, Arrival& into) {
           into.queue = QueueName(cell);
           return self.names_.missing("queue", cell, &config::Config::queues);
         }},
        {"language", false,
         [](TraceReader&, const std::string& cell, Arrival& into) {
           into.language = cell;
           const bool letters = std::all_of(cell.begin(), cell.end(), [](char c) { return c >= 'a' && c <= 'z'; });
           if (letters && (cell.size() == 2 || cell.size() == 3)) return std::string();
           return fmt::format("\"{}\" is no language such as fa, hy or en", cell.substr(0, 60));
         }},
        {"subject", false,
         [](TraceReader&, const std::string& cell, Arrival& into) { return keep(cell, into.subject); }},
        {"text", false, [](TraceReader&, const std::string& cell, Arrival& into) { return keep(cell, into.text); }},
        {"name", false, [](TraceReader&, const std::string& cell, Arrival& into) { return keep(cell, into.name); }},
    };
    return kColumns;
  }

  static std::string keep(const std::string& cell, std::string& into) {
    into = cell;
    return {};
  }

  static std::string keep_lengths(const std::string& cell, std::vector<Milliseconds>& into) {
    auto lengths = parse_lengths(cell);
    if (lengths) into = std::move(*lengths);
    return lengths ? std::string() : lengths.error().message;
  }

  bool read_header() {
    const auto header = csv_.next();
    if (!header) {
      problems_.add(1, "there is nothing in it");
      return false;
    }
    if (!header->error.empty()) {
      problems_.add(header->line, header->error);
      return false;
    }
    std::set<std::string> seen;
    bool right = true;
    for (const auto& cell : header->cells) {
      const std::string name(trim(cell));
      const auto error =
          seen.insert(name).second ? add_column(name) : fmt::format("column \"{}\" is there twice", name);
      if (error.empty()) continue;
      problems_.add(header->line, error);
      right = false;
    }
    for (const auto& column : known_columns()) {
      if (!column.required || seen.contains(column.name)) continue;
      problems_.add(header->line, fmt::format("column \"{}\" is missing", column.name));
      right = false;
    }
    return right;
  }

  std::string add_column(const std::string& name) {
    for (const auto& column : known_columns()) {
      if (column.name != name) continue;
      columns_.push_back(column);
      return {};
    }
    if (!name.starts_with(kFieldPrefix)) {
      return fmt::format(
          "unknown column \"{}\"; there are time, channel, handling, patience, replies.after, replies.handling, queue, "
          "field.NAME, subject, text, language, name",
          name.substr(0, 60));
    }
    const auto field = name.substr(kFieldPrefix.size());
    if (!names_.has_field(field)) return fmt::format("no form has a field \"{}\"", field.substr(0, 60));
    columns_.push_back({name, false, [field](TraceReader&, const std::string& cell, Arrival& into) {
                          return keep(cell, into.fields[field]);
                        }});
    return {};
  }

  void read_row(const CsvRow& row, std::vector<Arrival>& arrivals) {
    if (!row.error.empty()) return problems_.add(row.line, row.error);
    if (row.cells.size() != columns_.size()) {
      return problems_.add(row.line,
                           fmt::format("{} cells where the header has {}", row.cells.size(), columns_.size()));
    }
    Arrival arrival;
    bool right = true;
    replies_after_.clear();
    replies_handling_.clear();
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      const auto error = read_cell(columns_[at], row.cells[at], arrival);
      if (error.empty()) continue;
      problems_.add(row.line, fmt::format("{}: {}", columns_[at].name, error));
      right = false;
    }
    const auto error = right ? add_turns(arrival) : std::string();
    if (!error.empty()) {
      problems_.add(row.line, error);
      right = false;
    }
    if (arrivals.size() >= kMostArrivals) {
      if (arrivals.size() == kMostArrivals) problems_.add(row.line, fmt::format("more than {} rows", kMostArrivals));
      right = false;
    }
    if (!right) return;
    if (arrival.name.empty()) arrival.name = fmt::format("line {}", row.line);
    arrivals.push_back(std::move(arrival));
  }

  /// The row's replies, once all its cells are read: one length of handling is that of each of them.
  std::string add_turns(Arrival& arrival) const {
    const auto replies = replies_after_.size();
    const auto handled = replies_handling_.size();
    if (handled > 1 && handled != replies) {
      return fmt::format("replies.handling: {} of them, for {} in replies.after", handled, replies);
    }
    if (handled == 1 && replies == 0) return "replies.handling: there are none in replies.after";
    arrival.turns.reserve(replies);
    for (std::size_t at = 0; at < replies; ++at) {
      const auto handling = handled == 0 ? arrival.handling : replies_handling_[handled == 1 ? 0 : at];
      arrival.turns.push_back({replies_after_[at], handling});
    }
    return {};
  }

  std::string read_cell(const Column& column, const std::string& cell, Arrival& into) {
    const std::string trimmed(trim(cell));
    if (!trimmed.empty()) return column.read(*this, trimmed, into);
    return column.required ? "is missing" : std::string();
  }

  std::string read_time(const std::string& cell, Arrival& into) {
    const auto clock = parse_clock(cell);
    if (clock && !options_.date) return fmt::format("{} of which day? Name it: --date 2027-03-21", cell);
    if (clock) {
      into.at = clock_->instant(*options_.date, *clock);
      return {};
    }
    const auto time = parse_rfc3339(cell);
    if (!time)
      return fmt::format("\"{}\" is neither a time such as 2027-03-21T17:05:00+04:00 nor 17:05", cell.substr(0, 40));
    into.at = *time;
    return {};
  }

  CsvReader csv_;
  const TraceOptions& options_;
  std::unique_ptr<config::LocalClock> clock_;
  Names names_;
  Problems problems_;
  std::vector<Column> columns_;
  std::vector<Milliseconds> replies_after_;     // of the row that is read
  std::vector<Milliseconds> replies_handling_;  // the same
};

}  // namespace

Trace read_trace(std::string_view text, const TraceOptions& options) {
  if (text.size() > kLargestTraceBytes) {
    Trace trace;
    trace.problems.push_back(fmt::format("{}: larger than {} MiB", options.file, kLargestTraceBytes >> 20U));
    return trace;
  }
  return TraceReader(text, options).read();
}

}  // namespace peyk::routing::simulation
