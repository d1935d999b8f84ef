// YAML read strictly, with places, and bounded.
#include "config/yaml_tree.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace peyk::config {
namespace {

/// The first problem of `text`, or "" when it reads.
std::string trouble(const std::string& text, const YamlLimits& limits = {}) {
  std::vector<Problem> problems;
  parse_yaml(text, "f", problems, limits);
  return problems.empty() ? std::string() : to_string(problems.front());
}

}  // namespace

TEST_CASE("a tree keeps order, text and places") {
  std::vector<Problem> problems;
  const auto root = parse_yaml("b: [x, \"y z\"]\na:\n  c: 010\n  d: ~\n", "f", problems);
  REQUIRE(root != nullptr);
  CHECK(root->members[0].key == "b");
  CHECK(root->members[0].value->items[1]->text == "y z");
  CHECK(root->members[0].value->items[1]->mark.column == 8);
  const auto* c = root->find("a")->value->find("c");
  CHECK(c->value->text == "010");
  CHECK(c->value->mark.line == 3);
  CHECK(root->find("a")->value->find("d")->value->kind == Node::Kind::null);
}

TEST_CASE("what is no YAML is refused where it breaks") {
  CHECK(trouble("a: [1, 2\nb: 3\n").starts_with("f:"));
  CHECK(trouble("a: b: c\n").starts_with("f:1:5: not YAML: "));
  CHECK(trouble("") == "f: there is nothing in it");
  CHECK(trouble("# only a comment\n") == "f: there is nothing in it");
  CHECK(trouble("a: 1\n---\nb: 2\n") == "f:3:1: a second document: the configuration is one");
}

TEST_CASE("text that is not UTF-8, or has control characters, is refused where they stand") {
  CHECK(trouble("a: x\nb: \xff\n") == "f:2:4: not UTF-8");
  CHECK(trouble("a: \xc0\xaf\n") == "f:1:4: not UTF-8");
  CHECK(trouble("a: \xed\xa0\x80\n") == "f:1:4: not UTF-8");
  CHECK(trouble("a: \xe2\x82") == "f:1:4: not UTF-8");
  CHECK(trouble(std::string("a: x\0y\n", 7)) == "f:1:5: a control character (0x00)");
  CHECK(trouble("a: x\x1by\n") == "f:1:5: a control character (0x1b)");
}

TEST_CASE("every key that is there twice is reported") {
  std::vector<Problem> problems;
  const auto root = parse_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\n", "f", problems);
  CHECK(root != nullptr);
  REQUIRE(problems.size() == 2);
  CHECK(to_string(problems[0]) == "f:2:11: \"c\" is there twice: first at line 2, column 5");
  CHECK(to_string(problems[1]) == "f:3:1: \"a\" is there twice: first at line 1, column 1");
}

TEST_CASE("what YAML can do and a configuration should not is refused") {
  CHECK(trouble("a: &x {b: 1}\nc: {<<: *x}\n") == "f:2:5: merge keys (<<) are not read here: write the keys out");
  CHECK(trouble("a: !!binary aGk=\n").find("tags are not read here") != std::string::npos);
  CHECK(trouble("? [a, b]\n: c\n") == "f:1:3: a key must be plain text");
  CHECK(trouble("a: &x [1, *x]\n") == "f:1:11: this alias stands inside of what it names");
}

TEST_CASE("aliases count as what they stand for, so that a small file stays small") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 12; ++level) {
    bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
    for (int item = 0; item < 10; ++item) bomb += (item > 0 ? ", *a" : "*a") + std::to_string(level - 1);
    bomb += "]\n";
  }
  CHECK(trouble(bomb).find("more than 2000000 values (aliases counted as what they stand for)") != std::string::npos);
}

TEST_CASE("depth, size and count are bounded") {
  CHECK(trouble(std::string(100, '[') + std::string(100, ']')) == "f:1:25: nested deeper than 24 levels");
  CHECK(trouble("a: [1, 2, 3]", YamlLimits{.bytes = 100, .nodes = 4, .depth = 5}).find("more than 4 values") !=
        std::string::npos);
  CHECK(trouble(std::string(2000, 'a'), YamlLimits{.bytes = 1024}) == "f: larger than 0 MiB");
}

}  // namespace peyk::config
