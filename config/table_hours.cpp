// The keys of business hours.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "config/tables.h"
#include "config/types.h"

namespace peyk::config {
namespace {

constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr int kDayMinutes = 24 * 60;

using Week = std::array<std::vector<OpenSpan>, 7>;

std::optional<std::size_t> day_index(std::string_view text) {
  const auto found = std::find(kDays.begin(), kDays.end(), text);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kDays.begin());
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto comma = text.find(',');
    auto part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    parts.push_back(part);
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

/// "sat-wed", "thu", "mon,wed-fri"; empty when it is none of them.
std::vector<std::size_t> parse_days(std::string_view text) {
  std::vector<std::size_t> days;
  for (const auto part : split(text)) {
    const auto dash = part.find('-');
    const auto first = day_index(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : day_index(part.substr(dash + 1));
    if (!first || !last) return {};
    for (auto day = *first;; day = (day + 1) % 7) {
      days.push_back(day);
      if (day == *last) break;
    }
  }
  return days;
}

/// "09:00" in minutes; 24:00 is allowed.
std::optional<int> parse_minute(std::string_view text) {
  int hour = 0;
  int minute = 0;
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto two = [text](std::size_t at, int& value) {
    const auto* end = text.data() + at + 2;
    return std::from_chars(text.data() + at, end, value).ptr == end && text[at] != '-';
  };
  if (!two(0, hour) || !two(3, minute) || minute > 59 || hour * 60 + minute > kDayMinutes) return std::nullopt;
  return hour * 60 + minute;
}

/// "09:00-17:00"; a span that ends before it begins runs into the next day.
std::optional<OpenSpan> parse_span(std::string_view text) {
  if (text.size() != 11 || text[5] != '-') return std::nullopt;
  const auto from = parse_minute(text.substr(0, 5));
  const auto to = parse_minute(text.substr(6));
  if (!from || !to || *from == *to || *from == kDayMinutes) return std::nullopt;
  return OpenSpan{*from, *to > *from ? *to : *to + kDayMinutes};
}

std::vector<OpenSpan> read_spans(Context& context, const Node& node, bool& understood) {
  std::vector<OpenSpan> spans;
  if (node.kind == Node::Kind::scalar && node.text == "closed") return spans;
  const auto read_one = [&](const Node& item) {
    const auto* given = scalar(context, item, "opening times such as \"09:00-17:00\", or closed");
    understood = understood && given != nullptr;
    if (given == nullptr) return;
    for (const auto part : split(*given)) {
      const auto span = parse_span(part);
      if (span) {
        spans.push_back(*span);
      } else {
        understood = false;
        context.error(item.mark, fmt::format("\"{}\" is not opening times such as 09:00-17:00", part.substr(0, 60)));
      }
    }
  };
  if (node.kind != Node::Kind::list) {
    read_one(node);
  } else {
    for (const auto& item : node.items) read_one(*item);
  }
  std::sort(spans.begin(), spans.end());
  return spans;
}

/// The first overlap of two spans, also of one over midnight with the next day's; empty when there is none.
std::string find_overlap(const Week& week) {
  for (std::size_t day = 0; day < 7; ++day) {
    const auto& spans = week[day];
    const auto& next = week[(day + 1) % 7];
    for (std::size_t at = 0; at < spans.size(); ++at) {
      const bool last = at + 1 == spans.size();
      if (!last && spans[at + 1].from < spans[at].to) return std::string(kDays[day]);
      if (last && !next.empty() && next.front().from + kDayMinutes < spans[at].to) return std::string(kDays[day]);
    }
  }
  return {};
}

Type<Week> week_type() {
  Type<Week> type;
  type.name = "map of days to times";
  type.read = [](Context& context, const Node& node) -> std::optional<Week> {
    if (node.kind != Node::Kind::map) {
      context.error(node.mark, "expected days and times, such as {sat-wed: \"09:00-17:00\"}");
      return std::nullopt;
    }
    Week week;
    std::array<bool, 7> given{};
    bool understood = true;
    for (const auto& member : node.members) {
      const auto days = parse_days(member.key);
      if (days.empty()) {
        understood = false;
        context.error(member.mark, fmt::format("\"{}\" is not days such as sat-wed or thu", member.key.substr(0, 60)));
      }
      const auto spans = read_spans(context, *member.value, understood);
      for (const auto day : days) {
        if (given[day]) context.error(member.mark, fmt::format("{} is given twice in this week", kDays[day]));
        given[day] = true;
        week[day] = spans;
      }
    }
    const auto overlap = find_overlap(week);
    if (!overlap.empty()) context.error(node.mark, fmt::format("opening times overlap on {}", overlap));
    const bool never = std::all_of(week.begin(), week.end(), [](const auto& spans) { return spans.empty(); });
    if (never && understood) context.error(node.mark, "never open in this week");
    return week;
  };
  return type;
}

const Table<Hours>& hours_table() {
  static const auto kTable = [] {
    Table<Hours> table;
    table.required("timezone", timezone(), &Hours::timezone, "whose clock they are on");
    table.required("week", week_type(), &Hours::week,
                   "`sat-wed: \"09:00-17:00\"`; several: `\"09:00-12:00, 13:00-17:00\"`; over midnight: "
                   "`\"22:00-06:00\"`; all day: `\"00:00-24:00\"`; days that are not named are closed");
    table.key("holidays", list(date_range()), &Hours::holidays,
              "closed days: `2027-03-21`, each year `03-21`, ranges `2027-03-20..2027-04-02`, by the Persian calendar "
              "`persian:01-01..01-04`");
    return table;
  }();
  return kTable;
}

}  // namespace

Type<std::map<HoursName, Hours>> hours_type() {
  return named<HoursName, Hours>(object(hours_table()), Reference::hours,
                                 [](Hours& hours, const HoursName& name, const Mark&) { hours.name = name; });
}

}  // namespace peyk::config
