#include "base/net/header_value.h"

#include <algorithm>

#include "base/text.h"

namespace peyk::net {
namespace {

bool is_token_char(char byte) {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  return letter || (byte >= '0' && byte <= '9') || std::string_view("!#$%&'*+-.^_`|~").contains(byte);
}

/// A quoted string without its quotes; `text` moves behind it. A backslash escapes a quote or a backslash alone,
/// since browsers send Windows paths unescaped; they themselves write a quote as %22 (HTML, form submission).
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return out;
    }
    const bool escape = text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    if (escape) ++at;
    out += text[at];
  }
  return std::nullopt;
}

std::optional<std::string> take_value(std::string_view& text) {
  if (text.starts_with('"')) return take_quoted(text);
  const auto end = std::min(text.find(';'), text.size());
  std::string out(trim(text.substr(0, end)));
  text.remove_prefix(end);
  return out;
}

}  // namespace

std::optional<std::string> HeaderValue::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &std::pair<std::string, std::string>::first);
  if (found == parameters.end()) return std::nullopt;
  return found->second;
}

HeaderValue parse_header_value(std::string_view text) {
  HeaderValue result;
  const auto end = std::min(text.find(';'), text.size());
  result.value = ascii_lower(trim(text.substr(0, end)));
  text.remove_prefix(end);
  while (text.starts_with(';')) {
    text = trim(text.substr(1));
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) break;
    auto name = ascii_lower(trim(text.substr(0, equals)));
    text = trim(text.substr(equals + 1));
    auto value = take_value(text);
    if (!value || !std::ranges::all_of(name, is_token_char)) break;
    result.parameters.emplace_back(std::move(name), std::move(*value));
    text = trim(text);
  }
  return result;
}

bool is_media_type(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size() || text.size() > 127) return false;
  return std::ranges::all_of(text.substr(0, slash), is_token_char) &&
         std::ranges::all_of(text.substr(slash + 1), is_token_char);
}

}  // namespace peyk::net
