// JSON from strangers, read field by field with all errors at once.
#include "base/json_input.h"

#include <doctest/doctest.h>

namespace peyk {
namespace {

std::string errors_of(const Result<>& finished) {
  if (finished) return "none";
  CHECK(finished.error().code == ErrorCode::unprocessable);
  std::string lines;
  for (const auto& error : finished.error().fields) lines += error.field + ": " + error.message + "\n";
  return lines;
}

JsonInput input_of(std::string_view text) {
  auto input = JsonInput::parse(text);
  REQUIRE(input.has_value());
  return *input;
}

}  // namespace

TEST_CASE("what is no JSON object is refused as invalid") {
  const std::string deep = std::string(20, '[') + std::string(20, ']');
  for (const std::string& text : {std::string(), std::string("{"), std::string("[]"), std::string("\"x\""),
                                  std::string("{\"a\":\"\xFF\"}"), std::string("{} {}"), "{\"a\":" + deep + "}"}) {
    CAPTURE(text);
    const auto input = JsonInput::parse(text);
    REQUIRE_FALSE(input.has_value());
    CHECK(input.error().code == ErrorCode::invalid);
  }
}

TEST_CASE("fields are read with their types") {
  auto input = input_of(R"({"text":" a\r\nb ","line":" a\nb ","n":3,"flag":true,"at":"2027-03-21T09:00:00+03:30",
                           "word":"busy","list":["x","y"],"map":{"k":"v"},"levels":{"fa":3},"gone":null})");
  CHECK(input.text("text", {.lines = true}) == " a\nb ");
  CHECK(input.text("line") == "a b");
  CHECK(input.integer("n", 1, 5) == 3);
  CHECK(input.optional_flag("flag") == true);
  CHECK(to_rfc3339(input.time("at")) == "2027-03-21T05:30:00.000Z");
  CHECK(input.choice("word", {"available", "busy"}) == "busy");
  CHECK(input.texts("list", {}, 2) == std::vector<std::string>{"x", "y"});
  CHECK(input.text_map("map", {}, 2).at("k") == "v");
  CHECK(input.integer_map("levels", 1, 10, 5).at("fa") == 3);
  CHECK_FALSE(input.optional_text("gone").has_value());
  CHECK_FALSE(input.has("gone"));
  CHECK(errors_of(input.finish()) == "none");
}

TEST_CASE("all errors are named at once, unknown fields among them") {
  auto input = input_of(R"({"long":"abcdef","blank":"  ","n":7,"half":1.5,"word":"no","at":"tomorrow","more":1})");
  input.text("missing");
  input.text("long", {.max = 5});
  input.text("blank");
  input.integer("n", 1, 5);
  input.optional_integer("half", 1, 5);
  input.choice("word", {"a", "b"});
  input.time("at");
  CHECK(errors_of(input.finish()) ==
        "missing: is missing\n"
        "long: is longer than 5 characters\n"
        "blank: is empty\n"
        "n: must be 1 to 5\n"
        "half: must be a whole number\n"
        "word: must be one of a, b\n"
        "at: must be a time such as 2027-03-21T09:00:00Z\n"
        "more: is not a field of this request\n");
}

TEST_CASE("wrong types are errors and never read as something else") {
  auto input = input_of(R"({"text":5,"flag":"true","list":"x","map":[],"object":1,"objects":[1],"n":"3"})");
  CHECK(input.text("text").empty());
  CHECK_FALSE(input.optional_flag("flag").has_value());
  CHECK(input.texts("list", {}, 2).empty());
  CHECK(input.text_map("map", {}, 2).empty());
  CHECK_FALSE(input.optional_object("object").has_value());
  CHECK(input.objects("objects", 3).empty());
  CHECK_FALSE(input.optional_integer("n", 0, 9).has_value());
  const auto finished = input.finish();
  REQUIRE_FALSE(finished.has_value());
  CHECK(finished.error().fields.size() == 7);
}

TEST_CASE("objects within are named by their path and refuse unknown fields too") {
  auto input = input_of(R"({"attachments":[{"id":"b_1"},{"id":2,"x":1}]})");
  for (auto& attachment : input.objects("attachments", 5)) attachment.text("id");
  CHECK(errors_of(input.finish()) ==
        "attachments[1].id: must be a text\nattachments[1].x: is not a field of this request\n");
}

TEST_CASE("an error of the caller's own joins the others") {
  auto input = input_of(R"({"queue":"a","agent":"b"})");
  input.text("queue");
  input.text("agent");
  input.refuse("queue", "give either queue or agent");
  CHECK(errors_of(input.finish()) == "queue: give either queue or agent\n");
}

}  // namespace peyk
