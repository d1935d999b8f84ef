#include "tests/support/stream.h"

#include <algorithm>
#include <iterator>

namespace peyk::test {

std::vector<routing::Event> read_stream(Store& store, const std::string& after) {
  std::vector<routing::Event> events;
  auto from = after.empty() ? std::string("-") : "(" + after;
  while (true) {
    const auto page = store.command({"XRANGE", store.key("events"), from, "+", "COUNT", "1000"});
    if (page.items.empty()) return events;
    for (const auto& entry : page.items) std::ranges::move(routing::read_events(entry), std::back_inserter(events));
    from = "(" + page.items.back().items.at(0).text;
  }
}

}  // namespace peyk::test
