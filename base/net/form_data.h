// What an HTML form sends: application/x-www-form-urlencoded and multipart/form-data (RFC 7578).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace peyk::net {

struct FormFile {
  std::string field;    // the name of the form's field
  std::string name;     // fit to be stored and shown: no folders, no controls; "file" when the peer gave none
  std::string type;     // as the peer says, lower case, without parameters; "application/octet-stream" if malformed
  std::string content;  // the bytes
};

struct FormData {
  std::vector<std::pair<std::string, std::string>> fields;  // in order, UTF-8 checked
  std::vector<FormFile> files;                              // in order, without fields left empty

  /// The first field of that name; empty when there is none.
  std::string_view field(std::string_view name) const;
  bool has(std::string_view name) const;
};

struct FormLimits {
  std::size_t parts = 200;                            // fields and files together
  std::size_t name_bytes = 256;                       // of a field, of a file
  std::size_t field_bytes = std::size_t{1} << 20U;    // of one value
  std::size_t file_bytes = std::size_t{25} << 20U;    // of one file
  std::size_t part_header_bytes = std::size_t{8192};  // of one part
};

/// Whether `content_type` is one of the two that parse_form reads.
bool is_form(std::string_view content_type);

/// `unsupported` for another content type, `too_large` past a limit, `invalid` when malformed (bad UTF-8 in names and
/// values included), with what and where in words.
Result<FormData> parse_form(std::string_view content_type, std::string_view body, const FormLimits& limits = {});

/// The parts of an urlencoded body or of a query.
Result<FormData> parse_urlencoded(std::string_view text, const FormLimits& limits = {});

/// A file name from a stranger: its last path segment, without controls and leading dots, 200 bytes at most.
std::string safe_file_name(std::string_view name);

}  // namespace peyk::net
