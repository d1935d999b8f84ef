#include "base/json_input.h"

#include <algorithm>
#include <set>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace peyk {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxDepth = 16;
// Enough to mend the input by; a stranger's thousand unknown fields are not all named back to him.
constexpr std::size_t kMaxErrors = 50;

}  // namespace

struct JsonInput::Node {
  json::object object;
  std::string path;  // "" or "attachments[0]."
  std::set<std::string, std::less<>> taken;
  std::shared_ptr<std::vector<FieldError>> errors;
  std::vector<std::shared_ptr<Node>> children;

  void refuse(std::string_view name, std::string message) const {
    if (errors->size() < kMaxErrors) errors->push_back({path + shorten(clean_line(name), 100), std::move(message)});
  }

  void refuse_unknown() const {
    for (const auto& [name, value] : object) {
      if (!taken.contains(std::string_view(name))) refuse(name, "is not a field of this request");
    }
    for (const auto& child : children) child->refuse_unknown();
  }
};

Result<JsonInput> JsonInput::parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  auto value = json::parse(text, error, {}, options);
  if (error) return fail(ErrorCode::invalid, fmt::format("the body is not JSON: {}", error.message()));
  if (!value.is_object()) return fail(ErrorCode::invalid, "the body is JSON, but not an object {…}");
  return JsonInput(std::move(value.as_object()));
}

JsonInput::JsonInput(json::object object) : node_(std::make_shared<Node>()) {
  node_->object = std::move(object);
  node_->errors = std::make_shared<std::vector<FieldError>>();
}

bool JsonInput::has(std::string_view name) const {
  const auto* value = node_->object.if_contains(name);
  return value != nullptr && !value->is_null();
}

const json::value* JsonInput::take(std::string_view name) {
  node_->taken.emplace(name);
  const auto* value = node_->object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const json::value* JsonInput::require(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) refuse(name, "is missing");
  return value;
}

std::string JsonInput::read_text(std::string_view name, const json::value& value, const TextRule& rule) {
  if (!value.is_string()) {
    refuse(name, "must be a text");
    return {};
  }
  const std::string_view raw = value.get_string();
  auto text = rule.lines ? clean_text(raw) : clean_line(raw);
  const auto length = count_code_points(text);
  const bool blank = rule.min > 0 && trim(text).empty();
  if (blank) {
    refuse(name, "is empty");
  } else if (length < rule.min) {
    refuse(name, fmt::format("is shorter than {} characters", rule.min));
  } else if (length > rule.max) {
    refuse(name, fmt::format("is longer than {} characters", rule.max));
  } else {
    return text;
  }
  return {};
}

std::string JsonInput::text(std::string_view name, TextRule rule) {
  const auto* value = require(name);
  return value == nullptr ? std::string() : read_text(name, *value, rule);
}

std::optional<std::string> JsonInput::optional_text(std::string_view name, TextRule rule) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  return read_text(name, *value, rule);
}

std::int64_t JsonInput::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  if (require(name) == nullptr) return min;
  return optional_integer(name, min, max).value_or(min);
}

std::optional<std::int64_t> JsonInput::optional_integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->is_number() ? value->to_number<std::int64_t>(error) : 0;
  if (!value->is_number() || error) {
    refuse(name, "must be a whole number");
  } else if (number < min || number > max) {
    refuse(name, fmt::format("must be {} to {}", min, max));
  } else {
    return number;
  }
  return std::nullopt;
}

std::optional<bool> JsonInput::optional_flag(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  refuse(name, "must be true or false");
  return std::nullopt;
}

Time JsonInput::time(std::string_view name) {
  if (require(name) == nullptr) return {};
  return optional_time(name).value_or(Time());
}

std::optional<Time> JsonInput::optional_time(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    const auto parsed = parse_rfc3339(value->get_string());
    if (parsed) return *parsed;
  }
  refuse(name, "must be a time such as 2027-03-21T09:00:00Z");
  return std::nullopt;
}

std::string JsonInput::choice(std::string_view name, std::initializer_list<std::string_view> words) {
  if (require(name) == nullptr) return {};
  return optional_choice(name, words).value_or(std::string());
}

std::optional<std::string> JsonInput::optional_choice(std::string_view name,
                                                      std::initializer_list<std::string_view> words) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) {
    const std::string_view word = value->get_string();
    if (std::ranges::find(words, word) != words.end()) return std::string(word);
  }
  refuse(name, fmt::format("must be one of {}", fmt::join(words, ", ")));
  return std::nullopt;
}

std::vector<std::string> JsonInput::texts(std::string_view name, TextRule rule, std::size_t max_items) {
  std::vector<std::string> texts;
  const auto* value = take(name);
  if (value == nullptr) return texts;
  if (!value->is_array() || value->get_array().size() > max_items) {
    refuse(name, fmt::format("must be an array of at most {} texts", max_items));
    return texts;
  }
  for (const auto& item : value->get_array()) texts.push_back(read_text(name, item, rule));
  return texts;
}

std::map<std::string, std::string> JsonInput::text_map(std::string_view name, TextRule rule, std::size_t max_items) {
  std::map<std::string, std::string> texts;
  const auto* value = take(name);
  if (value == nullptr) return texts;
  if (!value->is_object() || value->get_object().size() > max_items) {
    refuse(name, fmt::format("must be an object of at most {} texts", max_items));
    return texts;
  }
  for (const auto& [key, item] : value->get_object()) {
    texts.emplace(key, read_text(fmt::format("{}.{}", name, std::string_view(key)), item, rule));
  }
  return texts;
}

std::map<std::string, std::int64_t> JsonInput::integer_map(std::string_view name, std::int64_t min, std::int64_t max,
                                                           std::size_t max_items) {
  std::map<std::string, std::int64_t> numbers;
  const auto* value = take(name);
  if (value == nullptr) return numbers;
  if (!value->is_object() || value->get_object().size() > max_items) {
    refuse(name, fmt::format("must be an object of at most {} numbers", max_items));
    return numbers;
  }
  for (const auto& [key, item] : value->get_object()) {
    const auto* number = item.if_int64();
    if (number != nullptr && *number >= min && *number <= max) {
      numbers.emplace(key, *number);
    } else {
      refuse(fmt::format("{}.{}", name, std::string_view(key)),
             fmt::format("must be a whole number from {} to {}", min, max));
    }
  }
  return numbers;
}

JsonInput JsonInput::child(std::string path, const json::object& object) {
  auto node = std::make_shared<Node>();
  node->object = object;
  node->path = std::move(path);
  node->errors = node_->errors;
  node_->children.push_back(node);
  return JsonInput(std::move(node));
}

std::optional<JsonInput> JsonInput::optional_object(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return child(fmt::format("{}{}.", node_->path, name), value->get_object());
  refuse(name, "must be an object");
  return std::nullopt;
}

std::vector<JsonInput> JsonInput::objects(std::string_view name, std::size_t max_items) {
  std::vector<JsonInput> inputs;
  const auto* value = take(name);
  if (value == nullptr) return inputs;
  const auto* items = value->if_array();
  const bool fits = items != nullptr && items->size() <= max_items &&
                    std::ranges::all_of(*items, [](const json::value& item) { return item.is_object(); });
  if (!fits) {
    refuse(name, fmt::format("must be an array of at most {} objects", max_items));
    return inputs;
  }
  for (const auto& item : *items) {
    inputs.push_back(child(fmt::format("{}{}[{}].", node_->path, name, inputs.size()), item.get_object()));
  }
  return inputs;
}

std::vector<std::string> JsonInput::remaining() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : node_->object) {
    if (!node_->taken.contains(std::string_view(name))) names.emplace_back(name);
  }
  return names;
}

void JsonInput::refuse(std::string_view name, std::string message) {
  node_->refuse(name, std::move(message));
}

Result<> JsonInput::finish() {
  node_->refuse_unknown();
  if (node_->errors->empty()) return {};
  const auto count = node_->errors->size();
  auto summary = fmt::format("{} {}", node_->errors->front().field, node_->errors->front().message);
  if (count > 1) summary += fmt::format(" (and {} more)", count - 1);
  return fail(ErrorCode::unprocessable, std::move(summary), *node_->errors);
}

}  // namespace peyk
