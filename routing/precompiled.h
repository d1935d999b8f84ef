// What nearly every source above config/ includes, compiled once; the build alone includes it.
#pragma once

#include "base/precompiled.h"
#include "config/config.h"

namespace peyk::precompiled {

inline void destroy(config::Config* config) {
  delete config;
}

}  // namespace peyk::precompiled
