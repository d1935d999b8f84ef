// A desk's event stream, read whole.
#pragma once

#include <string>
#include <vector>

#include "routing/event_feed.h"
#include "tests/support/store.h"

namespace peyk::test {

/// All events behind the entry `after`; empty: from the first.
std::vector<routing::Event> read_stream(Store& store, const std::string& after = {});

}  // namespace peyk::test
