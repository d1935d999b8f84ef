// The language of a message, from its text and its visitor's locale.
#include "routing/language.h"

#include <string>

#include <doctest/doctest.h>

#include "routing/settings.h"
#include "tests/support/desk.h"

namespace peyk::routing {

TEST_CASE("the language of an ordinary message is found") {
  CHECK(detect_language(
            "سلام، کولر من از دیروز آب چکه می‌کند و صدای زیادی دارد. "
            "لطفاً "
            "کمک "
            "کنید.",
            "en") == "fa");
  CHECK(detect_language("Բարև ձեզ, իմ սառնարանը երեկվանից չի աշխատում, խնդրում եմ օգնեք։", "en") == "hy");
  CHECK(detect_language("Hello, my cooler has been leaking since yesterday and it is very loud.", "fa") == "en");
  CHECK(detect_language("Здравствуйте, мой холодильник не работает со вчерашнего дня, помогите пожалуйста.", "en") ==
        "ru");
  CHECK(detect_language("مرحبا، الثلاجة لا تعمل منذ يوم أمس، أرجو المساعدة في أقرب وقت ممكن.", "en") == "ar");
}

TEST_CASE("languages are known by their codes, and made-up ones are not") {
  for (const auto* language : {"fa", "hy", "en", "ru", "ar", "az"}) {
    CAPTURE(language);
    CHECK(is_known_language(language));
  }
  for (const auto* language : {"", "x", "qq", "zzz", "un", "english", "fa-ir"}) {
    CAPTURE(language);
    CHECK_FALSE(is_known_language(language));
  }
}

TEST_CASE("a visitor's locale counts where it names a language that there is") {
  const auto config = test::desk_config();
  const Settings settings(config);
  const auto& chat = config->channels.at(ChannelName("site-chat"));
  CHECK(settings.language_of(chat, "", "FA-ir") == "fa");
  CHECK(settings.language_of(chat, "", "qqq") == settings.language_of(chat, "", ""));
}

TEST_CASE("a text too short to tell has the fallback") {
  CHECK(detect_language("", "fa") == "fa");
  CHECK(detect_language("ok", "fa") == "fa");
  CHECK(detect_language("12345 +98 21", "hy") == "hy");
  CHECK(detect_language("سلام", "fa") == "fa");
}

TEST_CASE("letters that one language alone has decide a short text") {
  CHECK(detect_language("کجایید؟", "en") == "fa");
  CHECK(detect_language("Բարև", "en") == "hy");
  CHECK(detect_language("أين الفاتورة", "en") == "ar");
}

TEST_CASE("bytes that are no text do no harm") {
  CHECK(detect_language("\xff\xfe\xc3", "en") == "en");
  CHECK(detect_language(std::string(100'000, '\xd9'), "en") == "en");
  const auto cut = std::string(4095, 'a') + "\xd8\xb3";  // a letter cut in two by the limit
  CHECK_FALSE(detect_language(cut, "en").empty());
}

}  // namespace peyk::routing
