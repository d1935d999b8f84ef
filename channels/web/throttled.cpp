#include "channels/web/throttled.h"

#include <utility>

#include "base/error.h"
#include "channels/web/rate_limiter.h"

namespace peyk::channels {

net::Response throttled(std::string message, Milliseconds wait) {
  auto response = net::Response::problem(Error{ErrorCode::throttled, std::move(message), {}, {}});
  response.headers.set("Retry-After", retry_after_seconds(wait));
  return response;
}

}  // namespace peyk::channels
