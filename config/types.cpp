#include "config/types.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace peyk::config {
namespace {

constexpr int kLowestLevel = 1;
constexpr int kHighestLevel = 10;

std::string cut(const std::string& text) {
  return text.substr(0, 60);
}

/// A whole decimal number; leading zeros are refused, since YAML's own readers take 010 for 8.
std::optional<long long> whole_number(Context& context, const Node& node, std::string_view expected) {
  const auto* given = scalar(context, node, expected);
  if (given == nullptr) return std::nullopt;
  long long value = 0;
  const auto* end = given->data() + given->size();
  const auto [stop, failed] = std::from_chars(given->data(), end, value);
  if (failed != std::errc() || stop != end) {
    context.error(node.mark, fmt::format("\"{}\": expected {}", cut(*given), expected));
    return std::nullopt;
  }
  const auto digits = given->find_first_not_of('-');
  if ((*given)[digits] == '0' && digits + 1 < given->size()) {
    context.error(node.mark, fmt::format("\"{}\": a leading zero could mean octal: write {}", cut(*given), value));
    return std::nullopt;
  }
  return value;
}

/// Shortest of the usual spellings.
std::string show_duration(Duration value) {
  const auto ms = value.count();
  if (ms == 0) return "0s";
  if (ms % 86'400'000 == 0) return fmt::format("{}d", ms / 86'400'000);
  if (ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
  if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
  if (ms % 1000 == 0) return fmt::format("{}s", ms / 1000);
  return fmt::format("{}ms", ms);
}

std::string show_size(std::uint64_t value) {
  if (value != 0 && value % (1U << 30U) == 0) return fmt::format("{}GiB", value >> 30U);
  if (value != 0 && value % (1U << 20U) == 0) return fmt::format("{}MiB", value >> 20U);
  if (value != 0 && value % (1U << 10U) == 0) return fmt::format("{}KiB", value >> 10U);
  return fmt::format("{}", value);
}

std::optional<int> read_level(Context& context, const Node& node) {
  return integer(kLowestLevel, kHighestLevel).read(context, node);
}

}  // namespace

const std::string* scalar(Context& context, const Node& node, std::string_view expected) {
  if (node.kind == Node::Kind::scalar) return &node.text;
  context.error(node.mark, fmt::format("expected {}", expected));
  return nullptr;
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), fits);
}

Type<std::string> text(std::size_t max_length) {
  Type<std::string> type;
  type.name = "text";
  type.read = [max_length](Context& context, const Node& node) -> std::optional<std::string> {
    const auto* given = scalar(context, node, "text");
    if (given == nullptr) return std::nullopt;
    if (given->size() <= max_length) return *given;
    context.error(node.mark, fmt::format("longer than {} bytes", max_length));
    return std::nullopt;
  };
  type.show = [](const std::string& value) { return value; };
  return type;
}

Type<std::string> name_text() {
  Type<std::string> type = text();
  type.name = "name";
  type.read = [](Context& context, const Node& node) -> std::optional<std::string> {
    const auto* given = scalar(context, node, "a name");
    if (given == nullptr) return std::nullopt;
    if (is_name(*given)) return *given;
    context.error(node.mark,
                  fmt::format("\"{}\" is no name: lower-case letters, digits, - and _, up to 63 of them", cut(*given)));
    return std::nullopt;
  };
  return type;
}

Type<bool> boolean() {
  auto type = choice<bool>({{"true", true}, {"false", false}});
  type.name = "`true` \\| `false`";
  return type;
}

Type<int> integer(int least, int most) {
  Type<int> type;
  type.name = fmt::format("number, {} to {}", least, most);
  type.read = [least, most](Context& context, const Node& node) -> std::optional<int> {
    const auto value = whole_number(context, node, fmt::format("a whole number from {} to {}", least, most));
    if (!value) return std::nullopt;
    if (*value >= least && *value <= most) return static_cast<int>(*value);
    context.error(node.mark, fmt::format("{} is not from {} to {}", *value, least, most));
    return std::nullopt;
  };
  type.show = [](const int& value) { return std::to_string(value); };
  return type;
}

Type<double> decimal(double least, double most) {
  Type<double> type;
  type.name = fmt::format("decimal, {} to {}", least, most);
  type.read = [least, most](Context& context, const Node& node) -> std::optional<double> {
    const auto* given = scalar(context, node, "a number");
    if (given == nullptr) return std::nullopt;
    double value = 0;
    const auto* end = given->data() + given->size();
    const auto [stop, failed] = std::from_chars(given->data(), end, value);
    if (failed == std::errc() && stop == end && value >= least && value <= most) return value;
    context.error(node.mark, fmt::format("\"{}\": expected a number from {} to {}", cut(*given), least, most));
    return std::nullopt;
  };
  type.show = [](const double& value) { return fmt::format("{}", value); };
  return type;
}

Type<Units> units() {
  Type<Units> type;
  type.name = "units, 0.01 to 1000";
  type.read = [](Context& context, const Node& node) -> std::optional<Units> {
    const auto value = decimal(0.0, 1000.0).read(context, node);
    if (!value) return std::nullopt;
    const auto hundredths = std::llround(*value * 100);
    const bool exact = std::abs(*value * 100 - static_cast<double>(hundredths)) < 1e-6;
    if (exact && hundredths > 0) return Units{hundredths};
    context.error(node.mark, fmt::format("{}: units go from 0.01 to 1000 in hundredths", cut(node.text)));
    return std::nullopt;
  };
  type.show = [](const Units& value) { return to_string(value); };
  return type;
}

Type<Duration> duration(Duration least, Duration most) {
  Type<Duration> type;
  type.name = fmt::format("duration, {} to {}", show_duration(least), show_duration(most));
  type.read = [least, most](Context& context, const Node& node) -> std::optional<Duration> {
    const auto* given = scalar(context, node, "a duration such as 90s, 15m, 4h or 2d");
    if (given == nullptr) return std::nullopt;
    const auto value = parse_duration(*given);
    if (!value) {
      context.error(node.mark, value.error().message);
    } else if (*value < least || *value > most) {
      context.error(node.mark,
                    fmt::format("{} is not from {} to {}", cut(*given), show_duration(least), show_duration(most)));
    } else {
      return *value;
    }
    return std::nullopt;
  };
  type.show = [](const Duration& value) { return show_duration(value); };
  return type;
}

Type<std::uint64_t> size(std::uint64_t least, std::uint64_t most) {
  Type<std::uint64_t> type;
  type.name = fmt::format("size, {} to {}", show_size(least), show_size(most));
  type.read = [least, most](Context& context, const Node& node) -> std::optional<std::uint64_t> {
    const auto* given = scalar(context, node, "a size such as 16KiB or 25MiB");
    if (given == nullptr) return std::nullopt;
    const auto value = parse_size(*given);
    if (!value) {
      context.error(node.mark, value.error().message);
    } else if (*value < least || *value > most) {
      context.error(node.mark, fmt::format("{} is not from {} to {}", cut(*given), show_size(least), show_size(most)));
    } else {
      return *value;
    }
    return std::nullopt;
  };
  type.show = [](const std::uint64_t& value) { return show_size(value); };
  return type;
}

Type<SkillLevels> skill_levels() {
  Type<SkillLevels> type;
  type.name = fmt::format("map of skill to level, {} to {}", kLowestLevel, kHighestLevel);
  type.read = [](Context& context, const Node& node) -> std::optional<SkillLevels> {
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected skills and their levels, such as {cooling: 2}");
      return std::nullopt;
    }
    SkillLevels levels;
    for (const auto& member : node.members) {
      context.refer(Reference::skill, member.key, member.mark);
      const auto level = read_level(context, *member.value);
      if (level) levels.emplace(SkillName(member.key), *level);
    }
    return levels;
  };
  type.show = [](const SkillLevels&) { return std::string("{}"); };
  return type;
}

Type<Bands> bands() {
  Type<Bands> type;
  type.name = "map of skill to list of levels, falling";
  type.read = [](Context& context, const Node& node) -> std::optional<Bands> {
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected skills and their floors, such as {cooling: [5, 3]}");
      return std::nullopt;
    }
    Bands all;
    for (const auto& member : node.members) {
      context.refer(Reference::skill, member.key, member.mark);
      auto floors = list(integer(kLowestLevel, kHighestLevel)).read(context, *member.value);
      if (!floors) continue;
      if (floors->empty() || !std::is_sorted(floors->begin(), floors->end(), std::greater<>())) {
        context.error(member.value->mark, "the floors of bands must fall, such as [5, 3]");
      }
      all.emplace(SkillName(member.key), std::move(*floors));
    }
    return all;
  };
  type.show = [](const Bands&) { return std::string("{}"); };
  return type;
}

}  // namespace peyk::config
