// JSON written by appending: what a hot path sends to the scripts, without a tree in between.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/strong_id.h"

namespace peyk::routing::store {

/// Appends `text` quoted and escaped. `text` is UTF-8.
void append_quoted(std::string& out, std::string_view text);

/// One JSON object. What is empty is left out: empty text, false, nothing, empty objects and arrays.
class ObjectWriter {
 public:
  ObjectWriter() { out_.reserve(256); }

  ObjectWriter& text(std::string_view key, std::string_view value);
  template <typename Tag>
  ObjectWriter& text(std::string_view key, const StrongId<Tag>& value) {
    return text(key, std::string_view(value.str()));
  }
  ObjectWriter& number(std::string_view key, std::int64_t value);
  ObjectWriter& real(std::string_view key, double value);
  ObjectWriter& flag(std::string_view key, bool value);
  /// Written also when false.
  ObjectWriter& truth(std::string_view key, bool value);
  ObjectWriter& time(std::string_view key, Time value) { return number(key, to_unix_ms(value)); }
  ObjectWriter& time(std::string_view key, const std::optional<Time>& value) {
    return value ? time(key, *value) : *this;
  }
  ObjectWriter& duration(std::string_view key, Milliseconds value) { return number(key, value.count()); }
  /// JSON already written; "{}" and "[]" are left out too.
  ObjectWriter& raw(std::string_view key, std::string_view json);
  /// The members of an object already written ("{…}").
  ObjectWriter& members(std::string_view object);

  /// The object; the writer is empty afterwards.
  std::string take();

 private:
  void key(std::string_view name);

  std::string out_;
};

/// One JSON array, item by item.
class ArrayWriter {
 public:
  ArrayWriter& text(std::string_view value);
  ArrayWriter& number(std::int64_t value);
  ArrayWriter& raw(std::string_view json);
  /// "[]" when nothing was added.
  std::string take();

 private:
  void separate();

  std::string out_;
};

/// Ids, names or text.
template <typename Range>
std::string text_array(const Range& items) {
  ArrayWriter array;
  for (const auto& item : items) {
    if constexpr (std::convertible_to<decltype(item), std::string_view>) {
      array.text(item);
    } else {
      array.text(item.str());
    }
  }
  return array.take();
}

}  // namespace peyk::routing::store
