// Strict reading of JSON sent by a stranger: typed fields within limits, and nothing that was not asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/clock.h"
#include "base/error.h"

namespace peyk {

/// What a text must be. Lengths are in characters (code points).
struct TextRule {
  std::size_t min = 1;
  std::size_t max = 1000;
  bool lines = false;  // line ends and TABs are kept; else the text is one line, white space at its ends dropped
};

inline constexpr TextRule kIdRule{1, 200, false};
inline constexpr TextRule kNameRule{1, 200, false};

/// One JSON object. Each accessor names a field, notes what is wrong with it and then returns an empty value; the
/// caller reads all fields, calls `finish()` once and uses what it read only when that succeeds. A field that is null
/// counts as absent. Texts come back cleaned (`clean_text`, `clean_line` in base/text.h).
///
///   auto input = JsonInput::parse(body);            // `invalid` when it is no JSON object
///   if (!input) return std::unexpected(input.error());
///   const auto text = input->text("text", {.max = 10'000, .lines = true});
///   const auto until = input->optional_time("until");
///   if (auto done = input->finish(); !done) return std::unexpected(done.error());   // `unprocessable`
class JsonInput {
 public:
  /// `invalid` for malformed JSON, bad UTF-8, nesting deeper than 16, or a value that is no object.
  static Result<JsonInput> parse(std::string_view text);

  /// An object that was parsed elsewhere.
  explicit JsonInput(boost::json::object object);

  bool has(std::string_view name) const;

  std::string text(std::string_view name, TextRule rule = {});
  std::optional<std::string> optional_text(std::string_view name, TextRule rule = {});

  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max);

  std::optional<bool> optional_flag(std::string_view name);

  /// RFC 3339.
  Time time(std::string_view name);
  std::optional<Time> optional_time(std::string_view name);

  /// One of these words.
  std::string choice(std::string_view name, std::initializer_list<std::string_view> words);
  std::optional<std::string> optional_choice(std::string_view name, std::initializer_list<std::string_view> words);

  /// An array of texts; empty when absent.
  std::vector<std::string> texts(std::string_view name, TextRule rule, std::size_t max_items);

  /// An object of texts, or of integers; empty when absent.
  std::map<std::string, std::string> text_map(std::string_view name, TextRule rule, std::size_t max_items);
  std::map<std::string, std::int64_t> integer_map(std::string_view name, std::int64_t min, std::int64_t max,
                                                  std::size_t max_items);

  /// An object, or an array of them; what is read from them is finished with this one. Empty when absent.
  std::optional<JsonInput> optional_object(std::string_view name);
  std::vector<JsonInput> objects(std::string_view name, std::size_t max_items);

  /// The names that nobody has asked for yet, in the order sent: for those whose fields are known only later.
  std::vector<std::string> remaining() const;

  /// Adds an error of the caller's own.
  void refuse(std::string_view name, std::string message);

  /// `unprocessable` with every error found, unknown fields among them.
  Result<> finish();

 private:
  struct Node;
  explicit JsonInput(std::shared_ptr<Node> node) : node_(std::move(node)) {}

  const boost::json::value* take(std::string_view name);
  const boost::json::value* require(std::string_view name);
  std::string read_text(std::string_view name, const boost::json::value& value, const TextRule& rule);
  JsonInput child(std::string path, const boost::json::object& object);

  std::shared_ptr<Node> node_;
};

}  // namespace peyk
