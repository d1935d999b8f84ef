// Keys that clients choose.
#pragma once

#include <string>

#include "base/random.h"

namespace peyk::ctl {

/// A random UUID (RFC 9562, version 4).
std::string uuid(RandomSource& random);

}  // namespace peyk::ctl
