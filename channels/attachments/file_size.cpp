#include "channels/attachments/file_size.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace peyk::channels {

std::uint64_t file_bytes(const net::Request& request) {
  std::uint64_t announced = 0;
  const auto length = request.headers.get("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), announced);
  return std::max<std::uint64_t>(announced, request.body.size());
}

Result<> check_file_size(const net::Request& request, std::uint64_t most) {
  if (file_bytes(request) <= most) return {};
  return fail(ErrorCode::too_large, fmt::format("a file has at most {} bytes", most));
}

}  // namespace peyk::channels
