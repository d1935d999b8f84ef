// A mail that would be too dear to read is refused before it is read.
#include "channels/email/mail_bounds.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "channels/email/parsed_mail.h"

namespace peyk::channels::email {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("groups within groups are refused before they are read") {
  // GMime read them by recursion: a mail of 150 kB ended the process.
  const auto mail = "From: a@example.com\r\nTo: " + repeated("g:", 50'000) + "\r\n\r\nx";
  const auto parsed = parse_mail(mail, {});
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == ErrorCode::too_large);
  CHECK(parse_mail("From: a@example.com\r\nTo: " + repeated("g:", 900) + "\r\n\r\nx", {}).has_value());
}

TEST_CASE("a field of more than 128 KiB, however folded and wherever it stands, is refused") {
  const std::string head = "From: a@example.com\r\n";
  for (const std::string field : {"References:", "to :", "Content-Type: text/plain;", "SUBJECT:"}) {
    CAPTURE(field);
    const auto large = field + repeated("\r\n <1@example.com>", 8'000) + "\r\n\r\n";
    const auto fits = field + repeated("\r\n <1@example.com>", 5'000) + "\r\n\r\n";
    CHECK(check_bounds(head + large).error().code == ErrorCode::too_large);
    const auto in_part = fmt::format("{}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{}", head, large);
    CHECK(check_bounds(in_part).error().code == ErrorCode::too_large);
    CHECK(check_bounds(head + fits).has_value());
  }
}

TEST_CASE("so are a MiB of addresses in many fields, and a hundred thousand fields, of a message within it too") {
  const std::string head = "From: a@example.com\r\n";
  const auto to = "To: " + repeated("b@example.com, ", 1'000) + "\r\n";
  CHECK(check_bounds(head + repeated(to, 60)).has_value());
  CHECK(check_bounds(head + repeated(to, 80)).error().code == ErrorCode::too_large);
  const auto fields = repeated("X: y\r\n", 100'000);
  CHECK(check_bounds(head + fields).error().code == ErrorCode::too_large);
  CHECK(check_bounds(head + "\r\n" + fields).has_value());
  CHECK(check_bounds(head + "Content-Type:\r\n message/rfc822\r\n\r\n" + fields).error().code == ErrorCode::too_large);
}

TEST_CASE("what a text says at length is no field") {
  const auto lines = repeated(" a line of its own\r\n", 50'000);
  CHECK(check_bounds("From: a@example.com\r\n\r\nNotes:\r\n" + lines).has_value());
  CHECK(check_bounds("From: a@example.com\r\nX-Report: x\r\n" + lines + "\r\nx").has_value());
}

TEST_CASE("tens of thousands of parts are refused before any of them is kept") {
  const std::string head = "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
  CHECK(parse_mail(head + repeated("--b\r\n\r\n", 50'001), {}).error().code == ErrorCode::too_large);
  CHECK(check_bounds(head + repeated("--b\r\n\r\n", 50'000)).has_value());
}

}  // namespace peyk::channels::email
