// Mails as they come: parts, attachments, automatic ones and broken ones.
#include "channels/email/parsed_mail.h"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

namespace peyk::channels::email {
namespace {

using namespace std::string_literals;

ParsedMail parsed(std::string_view bytes) {
  return parse_mail(bytes, {}).value();
}

}  // namespace

TEST_CASE("a plain mail gives sender, subject, ids and text") {
  const auto mail = parsed(
      "From: =?utf-8?B?2LPYp9ix2Kc=?= <Sara@Example.com>\r\nTo: support@kouh.example, \"B, C\" <b@c.example>\r\n"
      "Subject: =?utf-8?Q?=D9=81=D8=A7=DA=A9=D8=AA=D9=88=D8=B1?= 42\r\nMessage-ID: <one@example.com>\r\n"
      "In-Reply-To: <zero@example.com>\r\nReferences: <root@example.com> <zero@example.com>\r\n\r\nHello\r\nthere\r\n");
  CHECK(mail.from.name == "سارا");
  CHECK(mail.from.address == "Sara@Example.com");
  CHECK(mail.subject == "فاکتور 42");
  CHECK(mail.message_id == "one@example.com");
  CHECK(mail.references == std::vector<std::string>{"zero@example.com", "root@example.com"});
  REQUIRE(mail.recipients.size() == 2);
  CHECK(mail.recipients[1].name == "B, C");
  CHECK(mail.text == "Hello\nthere\n");
  CHECK_FALSE(mail.automatic);
}

TEST_CASE("of an alternative the text is taken as text, and the HTML is kept") {
  const auto mail = parsed(
      "From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nplain\n"
      "--x\nContent-Type: text/html\n\n<p>rich</p>\n--x--\n");
  CHECK(mail.text == "plain");
  CHECK(mail.html == "<p>rich</p>");
  CHECK(mail.files.empty());
}

TEST_CASE("HTML-only mail is read as text") {
  const auto mail = parsed(
      "From: a@b.example\nContent-Type: text/html; charset=windows-1256\nContent-Transfer-Encoding: "
      "quoted-printable\n\n"
      "<style>p{}</style><p>=D3=E1=C7=E3</p><p>two</p>\n");
  CHECK(mail.text == "سلام\n\ntwo");
}

TEST_CASE("an attachment keeps its name without folders, its type and its bytes") {
  const auto mail = parsed(
      "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nsee file\n--x\n"
      "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
      "Content-Disposition: attachment; filename*=utf-8''..%2F..%2F%D9%81.pdf\n\nJVBERg==\n--x--\n");
  CHECK(mail.text == "see file");
  REQUIRE(mail.files.size() == 1);
  CHECK(mail.files[0].name == "ف.pdf");
  CHECK(mail.files[0].type == "application/pdf");
  CHECK(mail.files[0].content == "%PDF");
}

TEST_CASE("a forwarded mail is a file") {
  const auto mail = parsed(
      "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nlook\n--x\nContent-Type: "
      "message/rfc822\n\n"
      "From: c@d.example\nSubject: inner\n\ninner text\n--x--\n");
  CHECK(mail.text == "look");
  REQUIRE(mail.files.size() == 1);
  CHECK(mail.files[0].name == "inner.eml");
  CHECK(mail.files[0].content.find("inner text") != std::string::npos);
}

TEST_CASE("what a machine wrote is known as automatic") {
  CHECK(parsed("From: a@b.example\nAuto-Submitted: auto-replied (vacation)\n\nx").automatic);
  CHECK(parsed("From: a@b.example\nPrecedence: bulk\n\nx").automatic);
  CHECK_FALSE(parsed("From: a@b.example\nAuto-Submitted: no\n\nx").automatic);
}

TEST_CASE("empty and unusable ids never become references") {
  CHECK(parsed("From: a@b.example\nIn-Reply-To: <>\nReferences: <> <   >\nMessage-ID: <>\n\nx").references.empty());
  CHECK(parsed("From: a@b.example\nMessage-ID: <>\n\nx").message_id.empty());
}

TEST_CASE("bytes that are no text come out as valid text") {
  const auto mail = parsed("From: \xff\xfe <a@b.example>\nSubject: \x80\0x\n\n\xc3\x28\0\x07 ok\n"s);
  CHECK(mail.text.find("ok") != std::string::npos);
  CHECK(mail.text.find('\a') == std::string::npos);
  CHECK(mail.from.address == "a@b.example");
}

TEST_CASE("too many parts and too deep a nesting are refused") {
  std::string wide = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n";
  for (int i = 0; i < 300; ++i) wide += "--x\n\ny\n";
  CHECK(parse_mail(wide, {}).error().code == ErrorCode::too_large);
  std::string deep = "From: a@b.example\n";
  for (int i = 0; i < 60; ++i) {
    deep += "Content-Type: multipart/mixed; boundary=x" + std::to_string(i) + "\n\n--x" + std::to_string(i) + "\n";
  }
  CHECK(parse_mail(deep, {}).error().code == ErrorCode::too_large);
}

TEST_CASE("where answers shall go is the first of Reply-To, but never a list's own address") {
  const auto mail = parsed("From: web@shop.example\nReply-To: Sara <sara@home.example>, b@c.example\n\nhello\n");
  CHECK(mail.from.address == "web@shop.example");
  CHECK(mail.reply_to.address == "sara@home.example");
  CHECK(parsed("From: a@b.example\n\nhello\n").reply_to.address.empty());
  CHECK(parsed("From: a@b.example\nReply-To: list@c.example\nList-Id: <l.c.example>\n\nhello\n")
            .reply_to.address.empty());
}

TEST_CASE("what a mail says does not depend on how long a way its header tells of") {
  const std::string body =
      "MIME-Version: 1.0\r\nFrom: sara@x.example\r\nMessage-ID: <1@x>\r\n"
      "Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n--outer\r\n"
      "Content-Type: multipart/alternative; boundary=\"inner\"\r\n\r\n--inner\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n\r\nIt drips.\r\n\r\n--inner\r\n"
      "Content-Type: text/html; charset=utf-8\r\n\r\n<p>It drips.</p>\r\n--inner--\r\n\r\n--outer\r\n"
      "Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1;2\r\n3;4\r\n--outer--\r\n";
  const auto plain = parse_mail(body, {}).value();
  REQUIRE(plain.files.size() == 1);
  std::set<std::string> texts, pages, files;
  for (std::size_t length = 0; length < 9000; ++length) {
    std::string way;
    for (std::size_t left = length; left > 0;) {
      const auto line = std::min<std::size_t>(left, 900);
      way += "Received: " + std::string(line, 'x') + "\r\n";
      left -= line;
    }
    const auto mail = parse_mail(way + body, {}).value();
    texts.insert(mail.text);
    pages.insert(mail.html);
    for (const auto& file : mail.files) files.insert(file.content);
  }
  CHECK(texts == std::set{plain.text});
  CHECK(pages == std::set{plain.html});
  CHECK(files == std::set{plain.files.front().content});
}

}  // namespace peyk::channels::email
