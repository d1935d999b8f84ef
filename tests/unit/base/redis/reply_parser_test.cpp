// RESP replies: whole and byte by byte, over their limits, and what is no RESP.
#include "base/redis/reply_parser.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace peyk::redis {
namespace {

constexpr std::size_t kLimit = 100'000;

/// The reply as one line, to compare.
std::string show(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::nil: return "nil";
    case Reply::Kind::text: return "\"" + reply.text + "\"";
    case Reply::Kind::integer: return std::to_string(reply.integer);
    case Reply::Kind::error: return "!" + reply.text;
    case Reply::Kind::array: break;
  }
  std::string text = "[";
  for (const auto& item : reply.items) text += show(item) + ",";
  return text + "]";
}

struct Row {
  std::string bytes;
  std::vector<std::string> replies;
};

const std::vector<Row>& table() {
  static const std::vector<Row> rows{
      {"+OK\r\n", {"\"OK\""}},
      {"-ERR no\r\n", {"!ERR no"}},
      {":-42\r\n", {"-42"}},
      {"$5\r\nhe\r\no\r\n", {"\"he\r\no\""}},
      {"$0\r\n\r\n", {"\"\""}},
      {"$-1\r\n", {"nil"}},
      {"*-1\r\n", {"nil"}},
      {"*0\r\n", {"[]"}},
      {"*3\r\n:1\r\n*2\r\n+a\r\n*1\r\n$-1\r\n-E\r\n", {"[1,[\"a\",[nil,],],!E,]"}},
      {"+a\r\n:1\r\n*1\r\n+b\r\n", {"\"a\"", "1", "[\"b\",]"}},
  };
  return rows;
}

TEST_CASE("each kind of reply is read, whole and byte by byte") {
  for (const auto& row : table()) {
    CAPTURE(row.bytes);
    for (const std::size_t step : {row.bytes.size(), std::size_t{1}}) {
      ReplyParser parser(kLimit);
      std::vector<std::string> seen;
      for (std::size_t at = 0; at < row.bytes.size(); at += step) {
        parser.feed(std::string_view(row.bytes).substr(at, step));
        for (auto reply = parser.next(); reply.value(); reply = parser.next()) seen.push_back(show(**reply));
      }
      CHECK(seen == row.replies);
      CHECK_FALSE(parser.in_the_middle());
    }
  }
}

TEST_CASE("a reply cut off is waited for") {
  ReplyParser parser(kLimit);
  parser.feed("*2\r\n:1\r\n$3\r\nab");
  const auto reply = parser.next();
  REQUIRE(reply.has_value());
  CHECK_FALSE(reply->has_value());
  CHECK(parser.in_the_middle());
}

TEST_CASE("a reply over the limit is an error of its own, and those after it are read") {
  const std::string many_nils = [] {
    std::string text = "*100000\r\n";
    for (int i = 0; i < 100'000; ++i) text += "$-1\r\n";
    return text;
  }();
  for (const std::string& large :
       {"$100001\r\n" + std::string(100'001, 'a') + "\r\n", many_nils,
        "*3\r\n$60000\r\n" + std::string(60'000, 'a') + "\r\n$60000\r\n" + std::string(60'000, 'b') + "\r\n:1\r\n",
        "*2\r\n*2\r\n$60000\r\n" + std::string(60'000, 'a') + "\r\n$60000\r\n" + std::string(60'000, 'b') +
            "\r\n*1\r\n+c\r\n"}) {
    const auto bytes = fmt::format("{0}+OK\r\n{0}:7\r\n", large);
    for (const std::size_t step : {bytes.size(), std::size_t{1}, std::size_t{65'536}}) {
      CAPTURE(bytes.substr(0, 40));
      CAPTURE(step);
      ReplyParser parser(kLimit);
      std::vector<std::string> seen;
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        parser.feed(std::string_view(bytes).substr(at, step));
        for (auto reply = parser.next(); reply.value(); reply = parser.next()) seen.push_back(show(**reply));
      }
      const std::string error = "!ERR a reply is larger than 100000 bytes";
      CHECK(seen == std::vector<std::string>{error, "\"OK\"", error, "7"});
      CHECK_FALSE(parser.in_the_middle());
    }
  }
}

TEST_CASE("what is not RESP, or announces what nobody would send, is refused for good") {
  for (const std::string& bytes : {
           std::string("HTTP/1.1 400 Bad Request\r\n"),
           std::string("\0\0", 2),
           std::string("$5x\r\nabc"),
           std::string("*1\r\n$100001\r\n"),
           std::string("$9223372036854775807\r\n"),
           std::string("$99999999999999999999\r\n"),
           "+" + std::string(kLimit + 1, 'a'),
           std::string("*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n*9\r\n"),
       }) {
    CAPTURE(bytes.substr(0, 40));
    ReplyParser parser(kLimit);
    parser.feed(bytes);
    const auto reply = parser.next();
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == ErrorCode::invalid);
    parser.feed("+OK\r\n");
    CHECK_FALSE(parser.next().has_value());
  }
}

TEST_CASE("an array that is announced huge costs nothing before its items come") {
  ReplyParser parser(kLimit);
  parser.feed("*2147483647\r\n:1\r\n");
  const auto reply = parser.next();
  REQUIRE(reply.has_value());
  CHECK_FALSE(reply->has_value());
}

TEST_CASE("the limit counts anew for each reply") {
  ReplyParser parser(kLimit);
  for (int i = 0; i < 5; ++i) {
    parser.feed("$60000\r\n" + std::string(60'000, 'a') + "\r\n");
    const auto reply = parser.next();
    REQUIRE(reply.has_value());
    CHECK(reply->value().text.size() == 60'000);
  }
}

}  // namespace
}  // namespace peyk::redis
