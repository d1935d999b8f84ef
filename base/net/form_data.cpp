#include "base/net/form_data.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/net/header_value.h"
#include "base/text.h"

namespace peyk::net {
namespace {

constexpr std::size_t kBoundaryLimit = 70;  // RFC 2046, 5.1.1
constexpr std::size_t kFileNameLimit = 200;

Result<> check_part(const FormData& form, std::string_view name, const FormLimits& limits) {
  if (form.fields.size() + form.files.size() >= limits.parts) {
    return fail(ErrorCode::too_large, fmt::format("The form has more than {} fields.", limits.parts));
  }
  if (name.size() > limits.name_bytes) {
    return fail(ErrorCode::too_large, fmt::format("A field's name is longer than {} bytes.", limits.name_bytes));
  }
  if (!is_valid_utf8(name)) return fail(ErrorCode::invalid, "A field's name is not UTF-8.");
  return {};
}

Result<> add_field(FormData& form, std::string name, std::string value, const FormLimits& limits) {
  if (auto checked = check_part(form, name, limits); !checked) return checked;
  if (value.size() > limits.field_bytes) {
    return fail(ErrorCode::too_large,
                fmt::format("The field {} is longer than {} bytes.", clean_line(name), limits.field_bytes));
  }
  if (!is_valid_utf8(value)) {
    return fail(ErrorCode::invalid, fmt::format("The field {} is not UTF-8.", clean_line(name)));
  }
  form.fields.emplace_back(std::move(name), std::move(value));
  return {};
}

/// One part's headers, as far as a form has them.
struct PartHead {
  std::string name;
  std::optional<std::string> file_name;
  std::string type;
};

Result<PartHead> parse_part_head(std::string_view text) {
  PartHead head;
  bool named = false;
  for (auto line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (line.empty()) continue;
    if (colon == std::string_view::npos) return fail(ErrorCode::invalid, "A part's header has a line without a colon.");
    const auto field = trim(line.substr(0, colon));
    const auto value = parse_header_value(line.substr(colon + 1));
    if (ascii_iequals(field, "content-disposition")) {
      const auto name = value.parameter("name");
      if (named || value.value != "form-data" || !name) break;
      named = true;
      head.name = *name;
      head.file_name = value.parameter("filename");
    } else if (ascii_iequals(field, "content-type")) {
      head.type = value.value;
    }
  }
  if (!named) return fail(ErrorCode::invalid, "A part lacks Content-Disposition: form-data; name=\"…\".");
  return head;
}

Result<> add_file(FormData& form, PartHead head, std::string_view content, const FormLimits& limits) {
  if (auto checked = check_part(form, head.name, limits); !checked) return checked;
  if (head.file_name->size() > limits.name_bytes) {
    return fail(ErrorCode::too_large, fmt::format("A file's name is longer than {} bytes.", limits.name_bytes));
  }
  if (content.size() > limits.file_bytes) {
    return fail(ErrorCode::too_large, fmt::format("A file is larger than {} bytes.", limits.file_bytes));
  }
  if (head.file_name->empty() && content.empty()) return {};  // what browsers send for a field left empty
  const bool typed = is_media_type(head.type);
  form.files.push_back({std::move(head.name), safe_file_name(*head.file_name),
                        typed ? std::move(head.type) : "application/octet-stream", std::string(content)});
  return {};
}

Result<> add_part(FormData& form, std::string_view part, const FormLimits& limits) {
  // An empty head is a line end alone.
  const auto end = part.starts_with("\r\n") ? 0 : part.find("\r\n\r\n");
  if (end == std::string_view::npos) return fail(ErrorCode::invalid, "A part's header does not end.");
  if (end > limits.part_header_bytes) {
    return fail(ErrorCode::too_large,
                fmt::format("A part's header is longer than {} bytes.", limits.part_header_bytes));
  }
  auto head = parse_part_head(part.substr(0, end));
  if (!head) return std::unexpected(head.error());
  const auto content = part.substr(end + 4);
  if (head->file_name) return add_file(form, std::move(*head), content, limits);
  return add_field(form, std::move(head->name), std::string(content), limits);
}

/// After a boundary: "--" ends the form, a line end begins the next part.
enum class AfterBoundary : std::uint8_t { part, end, malformed };

AfterBoundary after_boundary(std::string_view& rest) {
  if (rest.starts_with("--")) return AfterBoundary::end;
  const auto text = rest.find_first_not_of(" \t");
  if (text == std::string_view::npos || !rest.substr(text).starts_with("\r\n")) return AfterBoundary::malformed;
  rest.remove_prefix(text + 2);
  return AfterBoundary::part;
}

Result<FormData> parse_multipart(std::string_view boundary, std::string_view body, const FormLimits& limits) {
  if (boundary.empty() || boundary.size() > kBoundaryLimit) {
    return fail(ErrorCode::invalid, "multipart/form-data needs a boundary of 1 to 70 characters.");
  }
  const std::string delimiter = "\r\n--" + std::string(boundary);
  FormData form;
  // The first boundary may stand at the very beginning; what precedes it is a preamble to ignore.
  const auto opening = std::string_view(delimiter).substr(2);
  const auto first = body.starts_with(opening) ? 0 : body.find(delimiter);
  if (first == std::string_view::npos) return fail(ErrorCode::invalid, "The form's boundary does not occur in it.");
  auto rest = body.substr(first + (first == 0 ? opening.size() : delimiter.size()));
  for (;;) {
    const auto what = after_boundary(rest);
    if (what == AfterBoundary::end) return form;
    const auto next = what == AfterBoundary::part ? rest.find(delimiter) : std::string_view::npos;
    if (next == std::string_view::npos)
      return fail(ErrorCode::invalid, "The form breaks off before its last boundary.");
    if (auto added = add_part(form, rest.substr(0, next), limits); !added) return std::unexpected(added.error());
    rest.remove_prefix(next + delimiter.size());
  }
}

}  // namespace

std::string_view FormData::field(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

bool FormData::has(std::string_view name) const {
  return std::ranges::find(fields, name, &std::pair<std::string, std::string>::first) != fields.end();
}

bool is_form(std::string_view content_type) {
  const auto type = parse_header_value(content_type).value;
  return type == "application/x-www-form-urlencoded" || type == "multipart/form-data";
}

Result<FormData> parse_form(std::string_view content_type, std::string_view body, const FormLimits& limits) {
  const auto type = parse_header_value(content_type);
  if (type.value == "application/x-www-form-urlencoded") return parse_urlencoded(body, limits);
  if (type.value == "multipart/form-data") {
    return parse_multipart(type.parameter("boundary").value_or(""), body, limits);
  }
  return fail(ErrorCode::unsupported, "A form is application/x-www-form-urlencoded or multipart/form-data.");
}

Result<FormData> parse_urlencoded(std::string_view text, const FormLimits& limits) {
  FormData form;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value) return fail(ErrorCode::invalid, "A % is not followed by two hexadecimal digits.");
    if (auto added = add_field(form, std::move(*name), std::move(*value), limits); !added) {
      return std::unexpected(added.error());
    }
  }
  return form;
}

std::string safe_file_name(std::string_view name) {
  auto clean = clean_line(name);
  if (const auto slash = clean.find_last_of("/\\"); slash != std::string::npos) clean.erase(0, slash + 1);
  const auto first = clean.find_first_not_of(". ");
  clean.erase(0, first == std::string::npos ? clean.size() : first);
  clean = truncate_utf8(clean, kFileNameLimit);
  return clean.empty() ? "file" : clean;
}

}  // namespace peyk::net
