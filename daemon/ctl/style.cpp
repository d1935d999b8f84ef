#include "daemon/ctl/style.h"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>
#include <utility>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace peyk::ctl {
namespace {

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::plain: return "0";
    case Colour::bold: return "1";
    case Colour::dim: return "2";
    case Colour::red: return "31";
    case Colour::green: return "32";
    case Colour::yellow: return "33";
    case Colour::blue: return "34";
    case Colour::magenta: return "35";
    case Colour::cyan: return "36";
  }
  return "0";
}

std::size_t width_of(UChar32 letter) {
  const auto category = u_charType(letter);
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK || category == U_FORMAT_CHAR) return 0;
  const auto width = u_getIntPropertyValue(letter, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

/// The text in one line of at most `widest` columns.
std::string cut(const std::string& text, std::size_t widest) {
  std::string out;
  std::size_t width = 0;
  const std::size_t room = display_width(text) <= widest ? widest : widest - 1;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    const auto start = i;
    UChar32 letter = 0;
    U8_NEXT(text.data(), i, size, letter);
    if (letter < 0 || letter == '\n' || letter == '\t') letter = ' ';
    if (width + width_of(letter) > room) return out + "…";
    width += width_of(letter);
    if (letter == ' ')
      out += ' ';
    else
      out.append(text, static_cast<std::size_t>(start), static_cast<std::size_t>(i - start));
  }
  return out;
}

}  // namespace

Style Style::of_terminal() {
  const auto* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return Style(::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr && !dumb);
}

std::string Style::paint(Colour colour, std::string_view text) const {
  if (!on_ || colour == Colour::plain) return std::string(text);
  return "\x1b[" + std::string(code_of(colour)) + "m" + std::string(text) + "\x1b[0m";
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    UChar32 letter = 0;
    U8_NEXT(text.data(), i, size, letter);
    width += letter < 0 ? 1 : width_of(letter);
  }
  return width;
}

Table::Table(std::vector<std::string> header) : header_(std::move(header)) {}

void Table::add(std::vector<std::string> row) {
  row.resize(header_.size());
  rows_.push_back(std::move(row));
}

std::string Table::render(const Style& style, std::size_t widest) const {
  auto rows = rows_;
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < header_.size(); ++column) {
    std::size_t width = display_width(header_[column]);
    for (auto& row : rows) {
      row[column] = cut(row[column], widest);
      width = std::max(width, display_width(row[column]));
    }
    widths.push_back(width);
  }
  std::string out;
  const auto add_line = [&](const std::vector<std::string>& row, Colour colour) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      line += row[column];
      if (column + 1 < row.size()) line.append(widths[column] - display_width(row[column]) + 2, ' ');
    }
    out += style.paint(colour, line) + "\n";
  };
  add_line(header_, Colour::bold);
  for (const auto& row : rows) add_line(row, Colour::plain);
  return out;
}

}  // namespace peyk::ctl
