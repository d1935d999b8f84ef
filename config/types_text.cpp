// Types of what people read and write: languages, texts, patterns, dates, rates.
#include <charconv>

#include <fmt/format.h>

#include "config/types.h"

namespace peyk::config {
namespace {

constexpr std::size_t kLongestText = 4000;
constexpr std::size_t kLongestPattern = 2000;

bool is_language(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

Type<Language> language() {
  Type<Language> type;
  type.name = "language";
  type.read = [](Context& context, const Node& node) -> std::optional<Language> {
    const auto* given = scalar(context, node, "a language such as fa, hy or en");
    if (given == nullptr) return std::nullopt;
    if (is_language(*given)) return *given;
    context.error(node.mark,
                  fmt::format("\"{}\" is no language: write fa, hy, en, without a region", given->substr(0, 60)));
    return std::nullopt;
  };
  type.show = [](const Language& value) { return value; };
  return type;
}

Type<Texts> texts() {
  Type<Texts> type;
  type.name = "text, or map of language to text";
  type.read = [](Context& context, const Node& node) -> std::optional<Texts> {
    Texts all;
    const auto read = text(kLongestText).read;
    if (node.kind == Node::Kind::scalar) {
      auto only = read(context, node);
      if (only) all.emplace(Language(), std::move(*only));
      return all;
    }
    if (node.kind != Node::Kind::map || node.members.empty()) {
      context.error(node.mark, "expected a text, or texts by language such as {en: …, fa: …}");
      return std::nullopt;
    }
    for (const auto& member : node.members) {
      if (!is_language(member.key)) {
        context.error(member.mark, fmt::format("\"{}\" is no language", member.key.substr(0, 60)));
      }
      auto value = read(context, *member.value);
      if (value) all.emplace(member.key, std::move(*value));
    }
    return all;
  };
  return type;
}

Type<Pattern> pattern() {
  Type<Pattern> type;
  type.name = "regular expression (RE2)";
  type.read = [](Context& context, const Node& node) -> std::optional<Pattern> {
    const auto given = text(kLongestPattern).read(context, node);
    if (!given) return std::nullopt;
    auto compiled = Pattern::compile(*given);
    if (compiled) return std::move(*compiled);
    context.error(node.mark, fmt::format("the regular expression is wrong: {}", compiled.error().message));
    return std::nullopt;
  };
  return type;
}

Type<DateRange> date_range() {
  Type<DateRange> type;
  type.name = "date or range of dates";
  type.read = [](Context& context, const Node& node) -> std::optional<DateRange> {
    const auto* given = scalar(context, node, "a date such as 2027-03-21 or 05-01..09-30");
    if (given == nullptr) return std::nullopt;
    const auto range = parse_date_range(*given);
    if (range) return *range;
    context.error(node.mark, range.error().message);
    return std::nullopt;
  };
  return type;
}

Type<Rate> rate() {
  Type<Rate> type;
  type.name = "rate such as 30/1m";
  type.read = [](Context& context, const Node& node) -> std::optional<Rate> {
    const auto* given = scalar(context, node, "a rate such as 30/1m");
    if (given == nullptr) return std::nullopt;
    Rate value;
    const auto* end = given->data() + given->size();
    const auto [stop, failed] = std::from_chars(given->data(), end, value.count);
    const bool counted = failed == std::errc() && stop != end && *stop == '/' && value.count > 0;
    const auto per = counted ? parse_duration(std::string_view(stop + 1, end)) : Result<Duration>(Duration::zero());
    if (counted && per && *per > Duration::zero()) {
      value.per = *per;
      return value;
    }
    context.error(node.mark, fmt::format("\"{}\" is no rate such as 30/1m", given->substr(0, 60)));
    return std::nullopt;
  };
  return type;
}

Type<ChannelKind> channel_kind() {
  return choice<ChannelKind>({{"email", ChannelKind::email}, {"chat", ChannelKind::chat}, {"form", ChannelKind::form}});
}

}  // namespace peyk::config
