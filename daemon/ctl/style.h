// How text looks in a terminal: colours where it is one, columns that line up in any script.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace peyk::ctl {

enum class Colour : std::uint8_t { plain, bold, dim, red, green, yellow, blue, magenta, cyan };

/// Colours only where `on`; decided once, from NO_COLOR, TERM and whether standard output is a terminal.
class Style {
 public:
  explicit Style(bool on) : on_(on) {}
  static Style of_terminal();
  std::string paint(Colour colour, std::string_view text) const;

 private:
  bool on_;
};

/// Columns that `text` takes in a terminal: wide letters two, combining marks none.
std::size_t display_width(std::string_view text);

/// A table with a header line; columns as wide as their widest cell, cells cut at `widest` columns.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  std::string render(const Style& style, std::size_t widest = 48) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace peyk::ctl
