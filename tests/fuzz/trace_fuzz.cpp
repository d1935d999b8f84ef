// Any bytes as a trace: arrivals in the order of time, or problems with a place, never both.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "routing/simulation/csv.h"
#include "routing/simulation/trace.h"
#include "tests/fuzz/small_desk.h"

namespace {

using namespace peyk;
using namespace peyk::routing::simulation;

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
  const auto trace =
      read_trace(text, {"day.csv", {fuzz::small_desk()}, config::CalendarDate{2026, 11, 21}, "Asia/Yerevan"});
  if (trace.ok() == trace.arrivals.empty()) std::abort();
  const auto by_time = [](const Arrival& left, const Arrival& right) { return left.at < right.at; };
  if (!std::is_sorted(trace.arrivals.begin(), trace.arrivals.end(), by_time)) std::abort();
  const auto lasts = [](Milliseconds length) {
    return length >= Milliseconds::zero() && length <= Milliseconds(std::chrono::days(30));
  };
  for (const auto& arrival : trace.arrivals) {
    if (arrival.turns.size() > 100 || !lasts(arrival.handling)) std::abort();
    for (const auto& turn : arrival.turns) {
      if (!lasts(turn.after) || !lasts(turn.handling)) std::abort();
    }
  }
  for (const auto& problem : trace.problems) {
    if (!problem.starts_with("day.csv:")) std::abort();
  }
  return 0;
}
