// Forms from strangers: whatever the bytes, an answer in bounded time and within the limits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/net/form_data.h"
#include "base/text.h"

namespace {

constexpr peyk::net::FormLimits kLimits{
    .parts = 10, .name_bytes = 20, .field_bytes = 100, .file_bytes = 100, .part_header_bytes = 200};

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view type, std::string_view body) {
  const auto form = peyk::net::parse_form(type, body, kLimits);
  if (!form) return;
  require(form->fields.size() + form->files.size() <= kLimits.parts);
  for (const auto& [name, value] : form->fields) {
    require(name.size() <= kLimits.name_bytes && value.size() <= kLimits.field_bytes);
    require(peyk::is_valid_utf8(name) && peyk::is_valid_utf8(value));
  }
  for (const auto& file : form->files) {
    require(file.content.size() <= kLimits.file_bytes && !file.name.empty());
    require(peyk::is_valid_utf8(file.name) && file.name.find_first_of("/\\\r\n") == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // The first line is the content type, so that boundaries are fuzzed too.
  const auto line = input.find('\n');
  if (line != std::string_view::npos) check(input.substr(0, line), input.substr(line + 1));
  check("application/x-www-form-urlencoded", input);
  check("multipart/form-data; boundary=XX", input);
  return 0;
}
