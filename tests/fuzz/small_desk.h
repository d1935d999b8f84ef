// The desk that fuzzed days are read for.
#pragma once

#include "tests/support/simulated.h"

namespace peyk::fuzz {

inline config::ConfigPtr small_desk() {
  static const auto kConfig = config::load_text(test::simulated_desk(), "/nonexistent/peyk.yaml", {}).config;
  return kConfig;
}

}  // namespace peyk::fuzz
