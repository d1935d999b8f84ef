// A Redis reply (RESP2) as a value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace peyk::redis {

/// One reply. Text is bulk or status; nil is neither.
struct Reply {
  enum class Kind : std::uint8_t { nil, text, integer, array, error };

  Kind kind = Kind::nil;
  std::string text;  // text and error
  std::int64_t integer = 0;
  std::vector<Reply> items;

  bool is_nil() const { return kind == Kind::nil; }
  bool is_text() const { return kind == Kind::text; }
  bool is_integer() const { return kind == Kind::integer; }
  bool is_array() const { return kind == Kind::array; }
  bool is_error() const { return kind == Kind::error; }
};

}  // namespace peyk::redis
