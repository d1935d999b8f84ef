// Columns, cells and colour at the terminal, and keys.
#include "daemon/ctl/style.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "daemon/ctl/uuid.h"

namespace peyk::ctl {

TEST_CASE("columns line up in any script") {
  Table table({"NAME", "N"});
  table.add({"سارا", "1"});
  table.add({"漢字", "2"});
  CHECK(table.render(Style(false)) == "NAME  N\nسارا  1\n漢字  2\n");
}

TEST_CASE("a long cell is cut, and line ends in it are spaces") {
  Table table({"A", "B"});
  table.add({"one\ntwo three", "x"});
  CHECK(table.render(Style(false), 8) == "A         B\none two…  x\n");
}

TEST_CASE("colour is written only where it is on") {
  CHECK(Style(false).paint(Colour::red, "x") == "x");
  CHECK(Style(true).paint(Colour::red, "x") == "\x1b[31mx\x1b[0m");
}

TEST_CASE("a key is a random UUID of version 4") {
  SeededRandom random(1);
  const auto key = uuid(random);
  CHECK(key.size() == 36);
  CHECK(key[14] == '4');
  CHECK(key[8] == '-');
  CHECK(uuid(random) != key);
}

}  // namespace peyk::ctl
