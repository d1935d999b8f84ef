#include "routing/system_texts.h"

#include <doctest/doctest.h>

namespace peyk::routing {

TEST_CASE(
    "every text of Peyk's own is there in Persian, Armenian and English, and names the reference where it should") {
  config::Config config;
  config.locale = "en";
  for (const auto which : {SystemText::received, SystemText::closed, SystemText::resolved}) {
    for (const auto* language : {"fa", "hy", "en"}) {
      CAPTURE(language);
      CHECK(system_text(config, which, language).find("{reference}") != std::string::npos);
    }
  }
  CHECK(system_text(config, SystemText::closed, "fa").find("{opens}") != std::string::npos);
  CHECK(system_text(config, SystemText::received, "fa") != system_text(config, SystemText::received, "en"));
  CHECK(system_text(config, SystemText::received, "fi") == system_text(config, SystemText::received, "en"));
}

TEST_CASE("the configuration's own text goes first") {
  config::Config config;
  config.texts.received = {{"en", "Got {reference}."}};
  CHECK(fill_in(system_text(config, SystemText::received, "en"), "PK-7", "") == "Got PK-7.");
}

TEST_CASE("a time is shown on the queue's clock, in Persian by its own calendar") {
  const auto at = parse_rfc3339("2026-11-22T05:30:00Z").value();
  const auto english = show_time(at, "en", "Asia/Tehran");
  CHECK(english.find("November 22, 2026") != std::string::npos);
  CHECK(english.find("9:00") != std::string::npos);
  CHECK(show_time(at, "fa", "Asia/Tehran").find("۱۴۰۵") != std::string::npos);
  CHECK(show_time(at, "hy", "Asia/Yerevan").find("2026") != std::string::npos);
}

}  // namespace peyk::routing
