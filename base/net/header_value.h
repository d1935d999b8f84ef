// Header values of the form `value; name=token; name="quoted"`, as Content-Type and Content-Disposition have them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peyk::net {

struct HeaderValue {
  std::string value;                                            // lower case, trimmed
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case, values unquoted

  std::optional<std::string> parameter(std::string_view name) const;
};

/// Never fails: what is malformed ends the parameters.
HeaderValue parse_header_value(std::string_view text);

/// "type/subtype" of token characters.
bool is_media_type(std::string_view text);

}  // namespace peyk::net
