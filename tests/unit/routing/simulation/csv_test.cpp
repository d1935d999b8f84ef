// CSV: quotes, line ends, scripts, limits and what is malformed.
#include "routing/simulation/csv.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace peyk::routing::simulation {
namespace {

/// "1:a|b 2!what is wrong"
std::string read(std::string_view text, CsvLimits limits = {}) {
  CsvReader reader(text, limits);
  std::string all;
  while (const auto row = reader.next()) {
    if (!all.empty()) all += ' ';
    all += row->error.empty() ? fmt::format("{}:{}", row->line, fmt::join(row->cells, "|"))
                              : fmt::format("{}!{}", row->line, row->error);
  }
  return all;
}

}  // namespace

TEST_CASE("CSV: rows of cells, with LF and CRLF, with and without a line end at the end") {
  CHECK(read("a,b\nc,d\n") == "1:a|b 2:c|d");
  CHECK(read("a,b\r\nc,d") == "1:a|b 2:c|d");
  CHECK(read("a,,\n,\n") == "1:a|| 2:|");
  CHECK(read("").empty());
}

TEST_CASE("CSV: a byte order mark and empty lines are passed over, and lines still counted") {
  CHECK(read("\xEF\xBB\xBFtime\n\n\r\nx\n\n") == "1:time 4:x");
  CHECK(read("\xEF\xBB\xBF").empty());
}

TEST_CASE("CSV: quotes hold commas, line ends and doubled quotes; a row begins where its first cell does") {
  CHECK(read("\"a,b\",\"say \"\"no\"\"\"\n") == "1:a,b|say \"no\"");
  CHECK(read("\"a\r\nb\nc\",d\ne\n") == "1:a\r\nb\nc|d 4:e");
  CHECK(read("\"\"\n\"\",\"\"") == "1: 2:|");
}

TEST_CASE("CSV: what is malformed is said with its line, and hides nothing after it") {
  CHECK(read("a\"b,c\nd\n") ==
        "1!a quote within a cell that does not begin with one (double it and quote the cell) 2:d");
  CHECK(read("\"a\"b\nd\n") == "1!text after a closing quote 2:d");
  CHECK(read("x\n\"a,b\nc\n") == "1:x 2!a quote that is never closed 3:c");
  CHECK(read("a\rb\nc") == "1!a carriage return without a line feed 2:c");
  CHECK(read("a\xFF\nb") == "1!not UTF-8 2:b");
  CHECK(read("a\x01\nb") == "1!a control character (0x01) 2:b");
  CHECK(read(std::string_view("a\0b\nc", 5)) == "1!a control character (0x00) 2:c");
  CHECK(read("\"one\ntwo\",\"x\"y\nd\n") == "1!text after a closing quote 3:d");
}

TEST_CASE("CSV: letters of any script, and tabs, are text") {
  CHECK(read("فارسی,հայերեն\nа\tб\n") == "1:فارسی|հայերեն 2:а\tб");
}

TEST_CASE("CSV: a row with more cells or larger ones than the limits is refused, and the next one read") {
  const CsvLimits limits{.cells = 2, .cell_bytes = 3};
  CHECK(read("a,b,c\nd", limits) == "1!more than 2 columns 2:d");
  CHECK(read("abcd\nd", limits) == "1!a cell of more than 3 bytes 2:d");
  CHECK(read("\"abcde\nd\ne", limits) == "1!a quoted cell of more than 3 bytes: is its quote ever closed? 2:d 3:e");
  CHECK(read("\"abc\"\nabc", limits) == "1:abc 2:abc");
}

}  // namespace peyk::routing::simulation
