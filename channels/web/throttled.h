// The answer to who asks for too much.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/net/http.h"

namespace peyk::channels {

/// 429, with `wait` as its Retry-After and `message` for people.
net::Response throttled(std::string message, Milliseconds wait);

}  // namespace peyk::channels
