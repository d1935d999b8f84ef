#include "base/redis/command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <source_location>

#include <fmt/format.h>

namespace peyk::redis {
namespace {

void append_header(std::string& out, char type, std::size_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out += type;
  out.append(digits.data(), end);
  out += "\r\n";
}

/// First words of error replies after which the same command may succeed later.
constexpr std::array<std::string_view, 11> kPassing{"OOM",         "MISCONF",    "LOADING",  "READONLY",
                                                    "NOREPLICAS",  "MASTERDOWN", "BUSY",     "TRYAGAIN",
                                                    "CLUSTERDOWN", "NOAUTH",     "WRONGPASS"};

}  // namespace

void append_command(std::string& out, std::span<const std::string> command) {
  std::size_t size = 16;
  for (const auto& word : command) size += word.size() + 16;
  if (out.capacity() - out.size() < size) out.reserve(std::max(out.size() + size, out.capacity() * 2));
  append_header(out, '*', command.size());
  for (const auto& word : command) {
    append_header(out, '$', word.size());
    out += word;
    out += "\r\n";
  }
}

Error error_from_reply(std::string_view text) {
  const auto word = text.substr(0, text.find(' '));
  const bool passing = std::ranges::find(kPassing, word) != kPassing.end();
  const auto code = passing ? ErrorCode::unavailable : ErrorCode::internal;
  return Error{code, fmt::format("redis answered: {}", text), {}, std::source_location::current()};
}

std::string describe(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return fmt::format("redis at unix:{}", endpoint.unix_path);
  return fmt::format("redis at {}:{}", endpoint.host, endpoint.port);
}

}  // namespace peyk::redis
