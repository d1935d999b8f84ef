#include "routing/store/writer.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace peyk::routing::store {
namespace {

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_number(std::string& out, std::int64_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text, plain, i - plain);
    append_escape(out, text[i]);
    plain = i + 1;
  }
  out.append(text, plain);
  out += '"';
}

void ObjectWriter::key(std::string_view name) {
  out_ += out_.empty() ? '{' : ',';
  append_quoted(out_, name);
  out_ += ':';
}

ObjectWriter& ObjectWriter::text(std::string_view name, std::string_view value) {
  if (value.empty()) return *this;
  key(name);
  append_quoted(out_, value);
  return *this;
}

ObjectWriter& ObjectWriter::number(std::string_view name, std::int64_t value) {
  key(name);
  append_number(out_, value);
  return *this;
}

ObjectWriter& ObjectWriter::real(std::string_view name, double value) {
  key(name);
  fmt::format_to(std::back_inserter(out_), "{}", value);
  return *this;
}

ObjectWriter& ObjectWriter::flag(std::string_view name, bool value) {
  return value ? truth(name, true) : *this;
}

ObjectWriter& ObjectWriter::truth(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
  return *this;
}

ObjectWriter& ObjectWriter::raw(std::string_view name, std::string_view json) {
  if (json.empty() || json == "{}" || json == "[]") return *this;
  key(name);
  out_ += json;
  return *this;
}

ObjectWriter& ObjectWriter::members(std::string_view object) {
  if (object.size() <= 2) return *this;
  out_ += out_.empty() ? '{' : ',';
  out_ += object.substr(1, object.size() - 2);
  return *this;
}

std::string ObjectWriter::take() {
  if (out_.empty()) return "{}";
  out_ += '}';
  return std::exchange(out_, {});
}

void ArrayWriter::separate() {
  out_ += out_.empty() ? '[' : ',';
}

ArrayWriter& ArrayWriter::text(std::string_view value) {
  separate();
  append_quoted(out_, value);
  return *this;
}

ArrayWriter& ArrayWriter::number(std::int64_t value) {
  separate();
  append_number(out_, value);
  return *this;
}

ArrayWriter& ArrayWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

std::string ArrayWriter::take() {
  if (out_.empty()) return "[]";
  out_ += ']';
  return std::exchange(out_, {});
}

}  // namespace peyk::routing::store
