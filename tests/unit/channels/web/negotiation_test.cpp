// Page or JSON, and in which language.
#include "channels/web/negotiation.h"

#include <doctest/doctest.h>

namespace peyk::channels {

TEST_CASE("a page is for those who name text/html and do not prefer JSON") {
  CHECK(wants_page("text/html"));
  CHECK(wants_page("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
  CHECK(wants_page("application/json;q=0.5, text/html"));
  for (const auto* accept : {"", "*/*", "application/json", "application/json, text/html;q=0.9", "text/html;q=0",
                             "text/plain", ";;,,", "text/html;q=x"}) {
    CAPTURE(accept);
    CHECK_FALSE(wants_page(accept));
  }
}

TEST_CASE("the language is the one asked for by name, else the browser's best known one, else the fallback") {
  const auto choose = [](const char* lang, const char* accept, const char* fallback) {
    net::Request request;
    if (lang != nullptr) request.query["lang"] = lang;
    request.headers.add("Accept-Language", accept);
    return choose_language(request, fallback);
  };
  CHECK(choose("hy", "fa", "en") == "hy");
  CHECK(choose("xx", "fa", "en") == "fa");
  CHECK(choose(nullptr, "fa-IR", "en") == "fa");
  CHECK(choose(nullptr, "de, hy;q=0.4, fa;q=0.6", "en") == "fa");
  CHECK(choose(nullptr, "de", "hy") == "hy");
  CHECK(choose(nullptr, "", "de") == "en");
  CHECK(choose(nullptr, "fa;q=0", "hy") == "hy");
}

}  // namespace peyk::channels
