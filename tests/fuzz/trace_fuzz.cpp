// Any bytes as a trace: arrivals in the order of time, or problems with a place, never both.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/loader.h"
#include "routing/simulation/csv.h"
#include "routing/simulation/trace.h"

namespace {

using namespace peyk;
using namespace peyk::routing::simulation;

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

/// Lines never fall, and a row is right or says why not.
void check_rows(std::string_view text) {
  CsvReader reader(text, {.cells = 8, .cell_bytes = 64});
  int line = 0;
  while (const auto row = reader.next()) {
    if (row->line <= line || row->cells.empty() == row->error.empty()) std::abort();
    line = row->line;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_rows(text);
  const auto trace = read_trace(text, {"day.csv", {desk()}, config::CalendarDate{2026, 11, 21}, "Asia/Yerevan"});
  if (trace.ok() == trace.arrivals.empty()) std::abort();
  const auto by_time = [](const Arrival& left, const Arrival& right) { return left.at < right.at; };
  if (!std::is_sorted(trace.arrivals.begin(), trace.arrivals.end(), by_time)) std::abort();
  for (const auto& problem : trace.problems) {
    if (!problem.starts_with("day.csv:")) std::abort();
  }
  return 0;
}
