// Tags of a mail's HTML, stripped to what its text depends on.
#include "channels/email/html_tags.h"

#include <string>
#include <utility>

#include <doctest/doctest.h>

namespace peyk::channels::email {

TEST_CASE("of a tag stays what its text depends on") {
  const std::pair<std::string, std::string> cases[] = {
      {"<p class=\"a>b\" id='x'>1</p >", "<p>1</p>"},
      {"<A HREF='https://x/?a=\"1\"' onclick=x()>y</a>", "<a href=\"https://x/?a=&quot;1&quot;\">y</a>"},
      {"<a\n href = https://x/y?z >y</a>", "<a href=\"https://x/y?z\">y</a>"},
      {"<img src=x alt=\"a picture\"/>", "<img alt=\"a picture\"/>"},
      {"<b a=1><FONT color=red>x</font></b>", "<span><span>x</span></span>"},
      {"<font style=\"DISPLAY : none\">x</font>", "<span hidden>x</span>"},
      {"<div hidden>x</div><br /><p =x y>", "<div hidden>x</div><br/><p>"},
      {"1 < 2 <!-- <b a=1> --> <3 </ p><", "1 < 2 <!-- <span> --> <3 </ p><"},
      {"x<p a=\"never closed>y", "x"},
      {"x<p", "x"},
      {"<a href=\"http://" + std::string(2'000, 'x') + "\">y</a>", "<a>y</a>"},
  };
  for (const auto& [html, light] : cases) {
    CAPTURE(html);
    CHECK(light_tags(html) == light);
    CHECK(light_tags(light) == light);
  }
}

TEST_CASE("a hundred thousand attributes weigh nothing") {
  std::string many = "<p";
  for (int i = 0; i < 100'000; ++i) many += " a" + std::to_string(i);
  CHECK(light_tags(many + ">x</p" + many.substr(2) + ">") == "<p>x</p>");
}

}  // namespace peyk::channels::email
