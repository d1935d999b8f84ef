// Text from strangers made safe: UTF-8, cleaning, cutting, escapes, digests and addresses.
#include "base/text.h"

#include <doctest/doctest.h>

namespace peyk {

TEST_CASE("UTF-8 is checked as RFC 3629 has it") {
  for (const auto* good : {"", "plain", "سلام", "Բարեւ", "👩‍👩‍👧", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(good);
    CHECK(is_valid_utf8(good));
  }
  for (const auto* bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                          "\xF8\x88\x80\x80\x80", "good then \xFF"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_valid_utf8(bad));
  }
}

TEST_CASE("clean text keeps lines and drops controls") {
  CHECK(clean_text("a\r\nb\rc\nd\te") == "a\nb\nc\nd\te");
  CHECK(clean_text(std::string_view("a\0b\x1B[31mc\x7F", 9)) == "ab[31mc");
  CHECK(clean_text("a\xC2\x85"
                   "b") == "ab");
  CHECK(clean_text("bad \xFF byte") == "bad \xEF\xBF\xBD byte");
  CHECK(clean_text("e\xCC\x81") == "\xC3\xA9");
  CHECK(clean_text("می‌خواهم") == "می‌خواهم");
}

TEST_CASE("a clean line is one line") {
  CHECK(clean_line("  a \r\n b\t\tc ") == "a b c");
  CHECK(clean_line("Subject\r\nBcc: x@y") == "Subject Bcc: x@y");
  CHECK(clean_line(" \n ").empty());
}

TEST_CASE("text is cut between what a reader sees as characters") {
  CHECK(truncate_utf8("short", 10) == "short");
  CHECK(truncate_utf8("سلام", 5) == "سل");
  CHECK(truncate_utf8("ae\xCC\x81z", 3) == "a");
  CHECK(truncate_utf8("x👩‍👩‍👧y", 12) == "x");
  CHECK(truncate_utf8("👩‍👩‍👧", 5) == "👩");
  CHECK(truncate_utf8("é", 1).empty());
  CHECK(truncate_utf8(std::string(1000, 'a'), 10) == std::string(10, 'a'));
  CHECK(shorten("سلام دنیا", 5) == "سلام…");
  CHECK(shorten("four", 4) == "four");
  CHECK(shorten("fives", 4) == "fiv…");
  CHECK(shorten("xy", 1) == "…");
  CHECK(count_code_points("سلام") == 4);
}

TEST_CASE("HTML's special characters are escaped") {
  CHECK(html_escape("<a href=\"x\">'&'</a>") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

TEST_CASE("percent-encoding goes both ways, and malformed input is refused") {
  CHECK(percent_encode("a b/ی~") == "a%20b%2F%DB%8C~");
  CHECK(percent_decode("a%20b%2f+c").value() == "a b/+c");
  CHECK(percent_decode("a+b%41", true).value() == "a bA");
  for (const auto* bad : {"%", "%4", "%zz", "a%4g"}) {
    CAPTURE(bad);
    CHECK_FALSE(percent_decode(bad).has_value());
  }
}

TEST_CASE("base64 goes both ways, and malformed input is refused") {
  CHECK(base64_encode("any carnal pleas") == "YW55IGNhcm5hbCBwbGVhcw==");
  CHECK(base64_encode("").empty());
  CHECK(base64_decode("YW55IGNh\r\ncm5hbCBwbGVhcw==\n").value() == "any carnal pleas");
  CHECK(base64url_encode("\xFB\xFF") == "-_8");
  CHECK(base64url_decode("-_8").value() == "\xFB\xFF");
  for (const auto* bad : {"Y", "YQ", "YQ=", "Y?==", "YQ==YQ=="}) {
    CAPTURE(bad);
    CHECK_FALSE(base64_decode(bad).has_value());
  }
  CHECK_FALSE(base64url_decode("-_8=").has_value());
  CHECK_FALSE(base64url_decode("+/8").has_value());
}

TEST_CASE("digests are those of the standards") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, test case 2.
  CHECK(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("white space is trimmed, ASCII case passed over, and what is empty between separators kept") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim("  ").empty());
  CHECK(ascii_lower("AbÉ") == "abÉ");
  CHECK(ascii_iequals("Content-Type", "content-type"));
  CHECK_FALSE(ascii_iequals("a", "ab"));
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',').size() == 1);
}

TEST_CASE("one sender has one address, however it is written") {
  CHECK(normalise_email(" Ani@Kouh.Example ").value() == "ani@kouh.example");
  CHECK(normalise_email("a+tag@x.y").value() == "a+tag@x.y");
  CHECK(normalise_email("ÄRA@Bücher.example").value() == "ära@bücher.example");
  for (const auto* bad :
       {"", "@x", "a@", "ab", "a b@x", "a@x@y", "<a@x>", "a@x,b@y", "a\n@x", "a@.x", "a@x..y", "a@x."}) {
    CAPTURE(bad);
    CHECK_FALSE(normalise_email(bad).has_value());
  }
  CHECK_FALSE(normalise_email(std::string(65, 'a') + "@x.y").has_value());
}

}  // namespace peyk
