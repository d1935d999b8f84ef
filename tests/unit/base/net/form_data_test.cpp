// Urlencoded and multipart forms: as browsers write them, malformed, too large and cut off.
#include "base/net/form_data.h"

#include <doctest/doctest.h>

namespace peyk::net {
namespace {

constexpr std::string_view kMultipart = "multipart/form-data; boundary=XX";

/// A part's lines joined by CRLF and put between boundaries.
std::string multipart(std::initializer_list<std::string> parts) {
  std::string body;
  for (const auto& part : parts) body += "--XX\r\n" + part + "\r\n";
  return body + "--XX--\r\n";
}

std::string field(const std::string& name, const std::string& value) {
  return "Content-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value;
}

std::string file(const std::string& disposition, const std::string& content, const std::string& type = "text/plain") {
  return "Content-Disposition: form-data; " + disposition + "\r\nContent-Type: " + type + "\r\n\r\n" + content;
}

}  // namespace

TEST_CASE("an urlencoded form is read in order") {
  const auto form =
      parse_form("Application/X-WWW-Form-Urlencoded; charset=utf-8", "name=Ani+S&x=%D8%B3&name=2&flag&&e=").value();
  CHECK(form.fields.size() == 5);
  CHECK(form.field("name") == "Ani S");
  CHECK(form.field("x") == "س");
  CHECK(form.has("flag"));
  CHECK(form.has("e"));
  CHECK_FALSE(form.has("other"));
  CHECK(parse_urlencoded("").value().fields.empty());
}

TEST_CASE("a multipart form has fields and files") {
  const auto body =
      multipart({field("message", "سلام\r\nدنیا"), file("name=\"f\"; filename=\"a b.txt\"", "one\r\n\r\ntwo"),
                 file("filename=plain.bin; name=g", std::string("\0\x01", 2), "application/x-thing; a=b")});
  const auto form = parse_form(kMultipart, "preamble\r\n" + body + "epilogue").value();
  CHECK(form.field("message") == "سلام\r\nدنیا");
  REQUIRE(form.files.size() == 2);
  CHECK(form.files[0].field == "f");
  CHECK(form.files[0].name == "a b.txt");
  CHECK(form.files[0].type == "text/plain");
  CHECK(form.files[0].content == "one\r\n\r\ntwo");
  CHECK(form.files[1].name == "plain.bin");
  CHECK(form.files[1].type == "application/x-thing");
  CHECK(form.files[1].content.size() == 2);
}

TEST_CASE("a boundary may be quoted, and what only looks like one is content") {
  const std::string body =
      "--a b\r\n" + field("x", "1\r\n--a\r\n--a bc") + "\r\n--a b  \r\n" + field("y", "") + "\r\n--a b--";
  CHECK_FALSE(parse_form("multipart/form-data; boundary=\"a b\"", body).has_value());
  const std::string good =
      "--a b\r\n" + field("x", "1\r\n--a\r\n") + "\r\n--a b  \r\n" + field("y", "") + "\r\n--a b--";
  const auto form = parse_form("multipart/form-data; boundary=\"a b\"", good).value();
  CHECK(form.field("x") == "1\r\n--a\r\n");
  CHECK(form.has("y"));
}

TEST_CASE("quoted names are unescaped as browsers write them") {
  const auto body = multipart({field("q\\\"uoted", "1"), file("name=f; filename=\"C:\\dir\\x.txt\"", "c"),
                               file("name=g; filename=\"say \\\"hi\\\".txt\"", "c")});
  const auto form = parse_form(kMultipart, body).value();
  CHECK(form.field("q\"uoted") == "1");
  CHECK(form.files[0].name == "x.txt");
  CHECK(form.files[1].name == "say \"hi\".txt");
}

TEST_CASE("a file's field left empty is no file; filename* is ignored") {
  const auto body = multipart({file("name=f; filename=\"\"", ""), file("name=g; filename=\"\"", "content"),
                               file("name=h; filename=a.txt; filename*=UTF-8''b.txt", "c")});
  const auto form = parse_form(kMultipart, body).value();
  REQUIRE(form.files.size() == 2);
  CHECK(form.files[0].name == "file");
  CHECK(form.files[1].name == "a.txt");
}

TEST_CASE("a stranger's file name is made safe") {
  CHECK(safe_file_name("../../etc/passwd") == "passwd");
  CHECK(safe_file_name("..\\..\\boot.ini") == "boot.ini");
  CHECK(safe_file_name("..") == "file");
  CHECK(safe_file_name(".bashrc") == "bashrc");
  CHECK(safe_file_name("a\r\nb\0c.txt") == "a b");
  CHECK(safe_file_name("بلندگو.jpg") == "بلندگو.jpg");
  CHECK(safe_file_name("\xFF.txt") == "\xEF\xBF\xBD.txt");
  CHECK(safe_file_name(std::string(1000, 'x')).size() == 200);
}

TEST_CASE("a malformed form is refused") {
  const std::vector<std::pair<std::string, std::string>> forms{
      {"application/x-www-form-urlencoded", "a=%zz"},
      {"application/x-www-form-urlencoded", "a=%ff"},
      {"application/x-www-form-urlencoded", "%ff=a"},
      {"multipart/form-data", "--XX--"},
      {"multipart/form-data; boundary=", "----"},
      {"multipart/form-data; boundary=" + std::string(71, 'x'), ""},
      {std::string(kMultipart), ""},
      {std::string(kMultipart), "no boundary"},
      {std::string(kMultipart), "--XX"},
      {std::string(kMultipart), "--XX\r\n"},
      {std::string(kMultipart), "--XXjunk\r\n" + field("a", "1") + "\r\n--XX--"},
      {std::string(kMultipart), "--XX\r\n" + field("a", "1")},
      {std::string(kMultipart), multipart({"no header end"})},
      {std::string(kMultipart), multipart({"\r\ncontent"})},
      {std::string(kMultipart), multipart({"Content-Disposition: form-data\r\n\r\n1"})},
      {std::string(kMultipart), multipart({"Content-Disposition: attachment; name=a\r\n\r\n1"})},
      {std::string(kMultipart), multipart({"Content-Disposition form-data; name=a\r\n\r\n1"})},
      {std::string(kMultipart), multipart({field("a", "\xC3\x28")})},
  };
  for (const auto& [type, body] : forms) {
    CAPTURE(body);
    const auto form = parse_form(type, body);
    REQUIRE_FALSE(form.has_value());
    CHECK(form.error().code == ErrorCode::invalid);
  }
  CHECK(parse_form("application/json", "{}").error().code == ErrorCode::unsupported);
  CHECK(parse_form("", "a=b").error().code == ErrorCode::unsupported);
}

TEST_CASE("a form keeps to its limits") {
  const FormLimits limits{.parts = 2, .name_bytes = 4, .field_bytes = 4, .file_bytes = 4, .part_header_bytes = 100};
  const std::vector<std::pair<std::string, std::string>> forms{
      {"application/x-www-form-urlencoded", "a=1&b=2&c=3"},
      {"application/x-www-form-urlencoded", "longer=1"},
      {"application/x-www-form-urlencoded", "a=12345"},
      {std::string(kMultipart), multipart({field("a", ""), field("b", ""), field("c", "")})},
      {std::string(kMultipart), multipart({field("longer", "")})},
      {std::string(kMultipart), multipart({file("name=f; filename=longer", "")})},
      {std::string(kMultipart), multipart({file("name=f; filename=a", "12345")})},
      {std::string(kMultipart), multipart({file("name=f; x=" + std::string(100, 'x'), "")})},
  };
  for (const auto& [type, body] : forms) {
    CAPTURE(body);
    const auto form = parse_form(type, body, limits);
    REQUIRE_FALSE(form.has_value());
    CHECK(form.error().code == ErrorCode::too_large);
  }
}

TEST_CASE("a form cut off at any byte is refused, never misread") {
  const auto body = multipart({field("a", "1"), file("name=f; filename=x.txt", "content")});
  for (std::size_t size = 0; size + 4 < body.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_form(kMultipart, body.substr(0, size)).has_value());
  }
}

}  // namespace peyk::net
