#include "routing/simulation/csv.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace peyk::routing::simulation {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

std::string refused_bytes(const std::string& cell) {
  const auto control = std::find_if(cell.begin(), cell.end(), is_control);
  if (control != cell.end()) {
    return fmt::format("a control character (0x{:02x})", static_cast<unsigned char>(*control));
  }
  return is_valid_utf8(cell) ? std::string() : "not UTF-8";
}

}  // namespace

CsvReader::CsvReader(std::string_view text, CsvLimits limits) : text_(text), limits_(limits) {
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

std::optional<CsvRow> CsvReader::next() {
  while (at_ < text_.size() && at_line_end()) skip_line_end();
  if (at_ >= text_.size()) return std::nullopt;
  CsvRow row;
  row.line = line_;
  row.error = read_row(row.cells);
  if (row.error.empty()) return row;
  row.cells.clear();
  skip_line();
  return row;
}

/// What is wrong; else the row is read with its line end.
std::string CsvReader::read_row(std::vector<std::string>& cells) {
  while (true) {
    if (cells.size() >= limits_.cells) return fmt::format("more than {} columns", limits_.cells);
    std::string cell;
    auto error = read_cell(cell);
    if (error.empty()) error = refused_bytes(cell);
    if (!error.empty()) return error;
    cells.push_back(std::move(cell));
    if (at_ >= text_.size()) return {};
    if (at_line_end()) {
      skip_line_end();
      return {};
    }
    ++at_;  // the comma
  }
}

/// Stops at a comma, a line end or the end.
std::string CsvReader::read_cell(std::string& cell) {
  if (at_ < text_.size() && text_[at_] == '"') return read_quoted(cell);
  const auto begin = at_;
  while (at_ < text_.size() && text_[at_] != ',' && !at_line_end()) {
    if (text_[at_] == '"') return "a quote within a cell that does not begin with one (double it and quote the cell)";
    if (text_[at_] == '\r') return "a carriage return without a line feed";
    ++at_;
  }
  if (at_ - begin > limits_.cell_bytes) return fmt::format("a cell of more than {} bytes", limits_.cell_bytes);
  cell = text_.substr(begin, at_ - begin);
  return {};
}

std::string CsvReader::read_quoted(std::string& cell) {
  const auto begin = at_;
  const auto line = line_;
  ++at_;
  while (true) {
    if (at_ >= text_.size() || cell.size() > limits_.cell_bytes) {
      const bool ended = at_ >= text_.size();
      // Back to its line: what is never closed must not take the rest of the file with it.
      at_ = begin;
      line_ = line;
      if (ended) return "a quote that is never closed";
      return fmt::format("a quoted cell of more than {} bytes: is its quote ever closed?", limits_.cell_bytes);
    }
    const char c = text_[at_++];
    if (c != '"') {
      cell += c;
      if (c == '\n') ++line_;
      continue;
    }
    if (at_ < text_.size() && text_[at_] == '"') {
      cell += text_[at_++];
      continue;
    }
    if (at_ < text_.size() && text_[at_] != ',' && !at_line_end()) return "text after a closing quote";
    return {};
  }
}

bool CsvReader::at_line_end() const {
  const auto rest = text_.substr(at_);
  return rest.starts_with('\n') || rest.starts_with("\r\n");
}

void CsvReader::skip_line_end() {
  at_ += text_[at_] == '\r' ? 2 : 1;
  ++line_;
}

void CsvReader::skip_line() {
  const auto end = text_.find('\n', at_);
  at_ = end == std::string_view::npos ? text_.size() : end + 1;
  ++line_;
}

}  // namespace peyk::routing::simulation
