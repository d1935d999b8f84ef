#include "channels/attachments/file_size.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace peyk::channels {

Result<> check_file_size(const net::Request& request, std::uint64_t most) {
  std::uint64_t announced = 0;
  const auto length = request.headers.get("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), announced);
  if (std::max<std::uint64_t>(announced, request.body.size()) <= most) return {};
  return fail(ErrorCode::too_large, fmt::format("a file has at most {} bytes", most));
}

}  // namespace peyk::channels
