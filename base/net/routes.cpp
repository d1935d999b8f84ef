#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "base/net/http.h"
#include "base/text.h"

namespace peyk::net {
namespace {

bool is_capture(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

std::vector<std::string> parse_pattern(std::string_view pattern) {
  if (!pattern.starts_with('/'))
    throw std::invalid_argument(fmt::format("route \"{}\" does not begin with /", pattern));
  std::vector<std::string> segments;
  for (const auto part : split(pattern.substr(1), '/')) segments.emplace_back(part);
  return segments;
}

/// Literal segments come before captures, so that the first match is the most specific one.
bool more_specific(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::ranges::lexicographical_compare(left, right, {}, is_capture, is_capture);
}

bool same_shape(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::ranges::equal(left, right, [](const std::string& one, const std::string& other) {
    return one == other || (is_capture(one) && is_capture(other));
  });
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  return std::ranges::equal(pattern, path, [](const std::string& segment, std::string_view part) {
    return is_capture(segment) ? !part.empty() : segment == part;
  });
}

std::map<std::string, std::string> capture(const std::vector<std::string>& pattern,
                                           const std::vector<std::string_view>& path) {
  std::map<std::string, std::string> captures;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const auto& segment = pattern[at];
    if (!is_capture(segment)) continue;
    captures.emplace(segment.substr(1, segment.size() - 2), percent_decode(path[at]).value_or(std::string(path[at])));
  }
  return captures;
}

}  // namespace

void Routes::add(Method method, std::string pattern, Handler handler, std::size_t body_limit) {
  insert(Entry{method, parse_pattern(pattern), body_limit, std::move(handler), nullptr}, pattern);
}

void Routes::add(Method method, std::string pattern, Handler handler, BodyRule body_rule, Admission admission) {
  insert(
      Entry{method, parse_pattern(pattern), 0, std::move(handler), nullptr, std::move(body_rule), std::move(admission)},
      pattern);
}

void Routes::add_websocket(std::string pattern, WebSocketRoute route) {
  insert(
      Entry{Method::get, parse_pattern(pattern), 0, nullptr, std::make_shared<const WebSocketRoute>(std::move(route))},
      pattern);
}

void Routes::insert(Entry entry, std::string_view pattern) {
  const bool known = std::ranges::any_of(entries_, [&entry](const Entry& other) {
    const bool same_kind = (entry.websocket == nullptr) == (other.websocket == nullptr);
    return same_kind && entry.method == other.method && same_shape(entry.segments, other.segments);
  });
  if (known) throw std::invalid_argument(fmt::format("route \"{}\" is registered twice", pattern));
  const auto place = std::ranges::upper_bound(entries_, entry.segments, more_specific, &Entry::segments);
  entries_.insert(place, std::move(entry));
}

Routes::Match Routes::match(Method method, std::string_view raw_path, bool upgrade) const {
  Match result;
  if (!raw_path.starts_with('/')) return result;
  const auto path = split(raw_path.substr(1), '/');
  const auto wanted = method == Method::head ? Method::get : method;
  for (const auto& entry : entries_) {
    if (!matches(entry.segments, path)) continue;
    if (entry.websocket && !upgrade && wanted == Method::get) {
      result.upgrade_required = true;
      continue;
    }
    const bool better = result.entry == nullptr || (entry.websocket && !result.entry->websocket);
    const bool right_method = entry.method == wanted || entry.method == method;
    if (!right_method || (entry.websocket && method != Method::get)) {
      result.allowed.push_back(entry.method);
    } else if (better) {
      result.entry = &entry;
    }
  }
  if (result.entry == nullptr) return result;
  result.captures = capture(result.entry->segments, path);
  result.allowed.clear();
  result.upgrade_required = false;
  return result;
}

}  // namespace peyk::net
