// HTML mail read as text, broken and hostile as it may be.
#include "channels/email/html_text.h"

#include <sys/resource.h>

#include <doctest/doctest.h>

namespace peyk::channels::email {

TEST_CASE("paragraphs, breaks and lists become lines") {
  CHECK(html_to_text("<p>One   two<br>three</p><p>four</p>") == "One two\nthree\n\nfour");
  CHECK(html_to_text("<ul><li>a</li><li>b</li></ul>after") == "- a\n- b\n\nafter");
  CHECK(html_to_text("<div>a</div><div>b</div>") == "a\nb");
}

TEST_CASE("table cells stand apart and rows below each other") {
  CHECK(html_to_text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>") == "a b\nc");
}

TEST_CASE("a link's address is shown where the text does not say it") {
  CHECK(html_to_text("<a href='https://kouh.example/x'>here</a>!") == "here <https://kouh.example/x>!");
  CHECK(html_to_text("<a href='https://kouh.example/'>kouh.example</a>") == "kouh.example");
  CHECK(html_to_text("<a href='javascript:alert(1)'>here</a>") == "here");
}

TEST_CASE("what is not meant to be read is left out") {
  CHECK(html_to_text("<style>p{}</style><script>x()</script><p style='DISPLAY : none'>no</p>yes") == "yes");
}

TEST_CASE("preformatted text keeps its lines and spaces") {
  CHECK(html_to_text("<pre>a\n  b</pre>") == "a\n  b");
}

// First: what it looks at is the peak of the process.
TEST_CASE("tags that nobody closes take little memory") {
  const auto peak_megabytes = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
  };
  std::string open;
  for (int i = 0; i < 20'000; ++i) open += "<b>";
  const auto before = peak_megabytes();
  CHECK(html_to_text(open + "x").size() <= 1);
  CHECK(peak_megabytes() - before < 300);
  // Each paragraph would open all of them anew: a mail of 17 kB took 650 MB, one of 90 kB all there was.
  std::string letters = "<p>";
  for (int i = 0; i < 1'000; ++i) letters += "<b a=" + std::to_string(i) + ">";
  for (int i = 0; i < 1'000; ++i) letters += "</p><p>x";
  CHECK(html_to_text(letters).size() == 3 * 1'000 - 2);
  CHECK(peak_megabytes() - before < 300);
}

TEST_CASE("a link that is never closed says its address at most a MiB long") {
  std::string open = "<p><a href=http://" + std::string(280, 'a') + ">";
  for (int i = 0; i < 9'000; ++i) open += "</p><p>x";
  CHECK(html_to_text(open).size() <= std::size_t{1} << 20U);
}

TEST_CASE("any depth of nesting is survived") {
  std::string deep;
  for (int i = 0; i < 300'000; ++i) deep += "<b>";
  deep += "x";
  CHECK(html_to_text(deep).size() <= 1);
  std::string divs;
  for (int i = 0; i < 15'000; ++i) divs += "<div>";
  CHECK(html_to_text(divs + "deep") == "deep");
}

TEST_CASE("broken HTML gives the text that is there") {
  CHECK(html_to_text("<p>a<b>c</p><table><x") == "ac");
  CHECK(html_to_text("") == "");
  CHECK(html_to_text("1 < 2 &amp; 3 &gt; 2") == "1 < 2 & 3 > 2");
}

}  // namespace peyk::channels::email
