// Rows of a CSV file as RFC 4180 has them, each with the line it begins in; one that is wrong does not hide the others.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peyk::routing::simulation {

struct CsvLimits {
  std::size_t cells = 200;  // of a row
  std::size_t cell_bytes = std::size_t{64} << 10U;
};

struct CsvRow {
  int line = 0;  // from 1
  std::vector<std::string> cells;
  std::string error;  // what is wrong with its form; then it has no cells
};

/// Takes LF and CRLF, a byte order mark at the beginning, line ends and doubled quotes within quotes; passes over empty
/// lines. Stricter than most: a quote within an unquoted cell, text after a closing quote, bytes that are no UTF-8 and
/// control characters are errors, and reading goes on in the next line.
class CsvReader {
 public:
  /// `text` outlives the reader.
  explicit CsvReader(std::string_view text, CsvLimits limits = {});

  /// Nothing at the end.
  std::optional<CsvRow> next();

 private:
  std::string read_row(std::vector<std::string>& cells);
  std::string read_cell(std::string& cell);
  std::string read_quoted(std::string& cell);
  bool at_line_end() const;
  void skip_line_end();
  void skip_line();

  std::string_view text_;
  CsvLimits limits_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace peyk::routing::simulation
