// Any bytes as replies of a server: whole or byte by byte, they are the same replies and the same end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/redis/reply_parser.h"

namespace {

constexpr std::size_t kLimit = 10'000;

void write(const peyk::redis::Reply& reply, std::string& out) {
  out += std::to_string(static_cast<int>(reply.kind)) + ":" + std::to_string(reply.integer) + ":" + reply.text + "[";
  for (const auto& item : reply.items) write(item, out);
  out += "]";
}

/// Everything that was read, and whether it ended in an error.
std::string read(std::string_view bytes, std::size_t step) {
  peyk::redis::ReplyParser parser(kLimit);
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    parser.feed(bytes.substr(at, step));
    for (;;) {
      auto reply = parser.next();
      if (!reply) return out + "error";
      if (!*reply) break;
      write(**reply, out);
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.size() > kLimit) return 0;
  if (read(bytes, bytes.size() + 1) != read(bytes, 1)) std::abort();
  return 0;
}
