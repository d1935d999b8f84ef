// Pages filled in, by language, bound to their own style.
#include <doctest/doctest.h>

#include "channels/pages/catalogue.h"
#include "channels/pages/layout.h"
#include "channels/pages/moment.h"

namespace peyk::channels::pages {

TEST_CASE("names in braces are filled in, unknown ones and stray braces stand") {
  CHECK(fill("{a} and {b}", {{"a", "1"}, {"b", "{a}"}}) == "1 and {a}");
  CHECK(fill("{c} {", {{"a", "1"}}) == "{c} {");
  CHECK(fill("", {}).empty());
}

TEST_CASE("a language without texts reads English") {
  CHECK(catalogue("fa").direction == "rtl");
  CHECK(catalogue("hy").language == "hy");
  CHECK(catalogue("de").language == "en");
}

TEST_CASE("times, waits and numbers are written as the language has them") {
  const auto time = from_unix_ms(1'795'321'560'000);  // 2026-11-22T04:26:00Z
  CHECK(moment(kEnglish, time, "Asia/Yerevan") == "22 November 2026 at 08:26");
  CHECK(moment(kPersian, time, "Asia/Tehran") == "۱ آذر ۱۴۰۵ ساعت ۷:۵۶");
  CHECK(wait(kEnglish, 1) == "1 minute");
  CHECK(wait(kEnglish, 61) == "2 minutes");
  CHECK(wait(kEnglish, 2 * 3600) == "2 hours");
  CHECK(wait(kEnglish, 3 * 86'400) == "3 days");
  CHECK(wait(kPersian, 120) == "۲ دقیقه");
  CHECK(wait(kArmenian, 120) == "2 րոպե");
  CHECK(number(kPersian, 1234) == "۱٬۲۳۴");
}

TEST_CASE("each page is bound to its own style, kept by nobody and framed by those named alone") {
  const auto page = render(
      200, {.words = kPersian, .title = "<x>", .content = {"<p></p>"}, .path = "/form/a", .frame_ancestors = {}});
  CHECK(page.body.find("<title>&lt;x&gt;</title>") != std::string::npos);
  CHECK(page.body.find("href=\"/form/a?lang=hy\"") != std::string::npos);
  CHECK(page.headers.get("Content-Security-Policy").ends_with("frame-ancestors 'none'"));
  CHECK(page.headers.get("Cache-Control") == "no-store");
  const auto framed = render(
      200, {.words = kEnglish, .title = "x", .content = {""}, .path = {}, .frame_ancestors = {"https://kouh.example"}});
  CHECK(framed.headers.get("Content-Security-Policy").ends_with("frame-ancestors 'self' https://kouh.example"));
}

}  // namespace peyk::channels::pages
