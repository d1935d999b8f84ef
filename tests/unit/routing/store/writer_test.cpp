// JSON as it is written for the scripts.
#include "routing/store/writer.h"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

namespace peyk::routing::store {

TEST_CASE("what is empty is left out") {
  ObjectWriter object;
  object.text("a", "").flag("b", false).raw("c", "[]").raw("d", "{}").time("e", std::nullopt);
  CHECK(object.take() == "{}");
}

TEST_CASE("an object is written in the order of its members") {
  ObjectWriter object;
  object.text("name", "ani").number("n", -7).flag("on", true).truth("off", false);
  object.raw("list", R"(["x"])").members(R"({"y":1,"z":2})").real("r", 0.5).duration("d", std::chrono::seconds(2));
  CHECK(object.take() == R"({"name":"ani","n":-7,"on":true,"off":false,"list":["x"],"y":1,"z":2,"r":0.5,"d":2000})");
}

TEST_CASE("every character comes back from a parser as it went in") {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  all += "سلام ✓";
  std::string quoted;
  append_quoted(quoted, all);
  CHECK(boost::json::parse(quoted).as_string() == all);
}

TEST_CASE("an array holds text, numbers and what is already written") {
  ArrayWriter array;
  CHECK(array.take() == "[]");
  array.text("a\"b").number(3).raw("{}");
  CHECK(array.take() == R"(["a\"b",3,{}])");
}

}  // namespace peyk::routing::store
