#include "routing/system_texts.h"

#include <array>
#include <deque>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unicode/datefmt.h>
#include <unicode/timezone.h>
#include <unicode/unistr.h>

#include "base/async/backoff.h"
#include "base/async/deadline.h"
#include "base/async/event.h"
#include "base/async/task_group.h"
#include "routing/desk_core.h"
#include "routing/store/arguments.h"

namespace peyk::routing {
namespace {

constexpr std::size_t kMostWaiting = 10'000;
constexpr auto kFirstPause = std::chrono::milliseconds(100);
constexpr auto kLongestPause = std::chrono::milliseconds(5'000);
constexpr auto kLastWords = std::chrono::milliseconds(500);  // for what still waits when the desk stops

const config::Texts& own_text(SystemText which) {
  static const std::array<config::Texts, 4> kTexts{{
      {{"en",
        "Your message is with us: {reference}. It is in the hands of the team that answers it, and the answer comes "
        "to you here."},
       {"fa",
        "پیام شما با شمارهٔ پیگیری {reference} به دست ما رسید و به گروه پاسخ‌گو سپرده شد. پاسخ "
        "از "
        "همین "
        "راه "
        "به "
        "شما "
        "می‌رسد."},
       {"hy",
        "Ձեր հաղորդագրությունը ստացվել է՝ {reference}։ Այն փոխանցված է պատասխանող խմբին, և պատասխանը կգա այս նույն "
        "ճանապարհով։"}},
      {{"en",
        "Your message is with us: {reference}. Our team is back on {opens} and answers it then. There is no need to "
        "write again."},
       {"fa",
        "پیام شما با شمارهٔ پیگیری {reference} به دست ما رسید. همکاران ما از {opens} پاسخ "
        "می‌دهند "
        "و "
        "نیازی "
        "به "
        "نوشتن "
        "دوباره "
        "نیست."},
       {"hy",
        "Ձեր հաղորդագրությունը ստացվել է՝ {reference}։ Մեր խումբը կպատասխանի {opens}-ից սկսած։ Կրկին գրելու կարիք "
        "չկա։"}},
      {{"en",
        "The connection of your agent was lost. Another agent takes over now, with everything you have already "
        "written."},
       {"fa",
        "ارتباط همکار ما قطع شد. همین حالا همکار دیگری با همهٔ آنچه "
        "نوشته‌اید "
        "کار "
        "را "
        "ادامه "
        "می‌دهد."},
       {"hy", "Մեր աշխատակցի կապն ընդհատվեց։ Այժմ մեկ այլ աշխատակից շարունակում է՝ տեսնելով Ձեր գրած ամեն ինչը։"}},
      {{"en", "Your matter {reference} is solved. If anything is left open, write here and it is taken up again."},
       {"fa",
        "موضوع شما با شمارهٔ پیگیری {reference} حل شد. اگر چیزی مانده است "
        "همین‌جا "
        "بنویسید "
        "تا "
        "دوباره "
        "پیگیری "
        "شود."},
       {"hy", "Ձեր հարցը՝ {reference}, լուծված է։ Եթե որևէ բան մնացել է, գրեք այստեղ, և կրկին կզբաղվենք դրանով։"}},
  }};
  return kTexts.at(static_cast<std::size_t>(which));
}

const config::Texts& configured(const config::SystemTexts& texts, SystemText which) {
  switch (which) {
    case SystemText::received: return texts.received;
    case SystemText::closed: return texts.closed;
    case SystemText::reassigned: return texts.reassigned;
    case SystemText::resolved: break;
  }
  return texts.resolved;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

class QueuedTexts : public SystemTexts {
 public:
  QueuedTexts(const asio::any_io_executor& executor, store::Runner& runner, RandomSource& random)
      : runner_(runner),
        random_(random),
        pause_(kFirstPause, kLongestPause, random),
        more_(executor),
        written_(executor),
        tasks_(executor, "system-texts") {}

  void start() override { tasks_.spawn("write", write()); }
  asio::awaitable<void> stop() override {
    if (!waiting_.empty()) co_await written_.wait(kLastWords);
    if (!waiting_.empty()) spdlog::warn("texts.left count={}", waiting_.size());
    co_await tasks_.stop();
  }

  void announce(Announcement announcement) override {
    if (waiting_.size() >= kMostWaiting) {
      spdlog::warn("texts.dropped conversation={} text={}", announcement.conversation.str(), announcement.key);
      return;
    }
    Text text{MessageId(random_.id("m_")), std::move(announcement), {}, {}};
    if (text.announcement.via != nullptr) {
      text.channel = text.announcement.via->name;
      text.external_id = external_id_of(text.message, *text.announcement.via);
      text.announcement.via = nullptr;  // a reload may take the channel away while the text waits
    }
    waiting_.push_back(std::move(text));
    more_.notify();
  }

 private:
  struct Text {
    MessageId message;
    Announcement announcement;
    ChannelName channel;
    std::string external_id;
  };

  asio::awaitable<void> write() {
    for (;;) {
      while (waiting_.empty()) co_await more_.wait();
      // A copy, since `announce` may move what it stands in.
      const auto text = waiting_.front();
      const auto written = co_await write_one(text);
      // The key makes a second try harmless, should the first have come through after all.
      if (!written && written.error().code == ErrorCode::unavailable) {
        co_await sleep_for(pause_.next());
        continue;
      }
      pause_.reset();
      waiting_.pop_front();
      if (waiting_.empty()) written_.notify();
      if (!written && written.error().code != ErrorCode::cancelled) {
        spdlog::warn("texts.failed conversation={} text={} reason=\"{}\"", text.announcement.conversation.str(),
                     text.announcement.key, written.error().message);
      }
    }
  }

  asio::awaitable<Result<boost::json::object>> write_one(const Text& text) {
    const auto& announcement = text.announcement;
    store::ObjectWriter arguments;
    arguments.text("conversation", announcement.conversation).text("message", text.message);
    arguments.text("key", announcement.key).text("cause", announcement.cause).text("channel", text.channel);
    arguments.flag("send", !text.channel.empty()).text("external_id", text.external_id);
    return runner_.write("system", arguments.take(), store::body_json(announcement.text, "", {}));
  }

  store::Runner& runner_;
  RandomSource& random_;
  std::deque<Text> waiting_;  // its first is being written
  Backoff pause_;
  peyk::Event more_;
  peyk::Event written_;
  TaskGroup tasks_;
};

}  // namespace

std::string system_text(const config::Config& config, SystemText which, const Language& language) {
  const auto& texts = configured(config.texts, which);
  return config::pick_text(texts.empty() ? own_text(which) : texts, language, config.locale);
}

std::string fill_in(std::string text, std::string_view reference, std::string_view opens) {
  replace_all(text, "{reference}", reference);
  replace_all(text, "{opens}", opens);
  return text;
}

std::string show_time(Time at, const Language& language, const std::string& timezone) {
  const icu::Locale locale((language == "fa" ? "fa@calendar=persian" : language).c_str());
  const std::unique_ptr<icu::DateFormat> format(
      icu::DateFormat::createDateTimeInstance(icu::DateFormat::kFull, icu::DateFormat::kShort, locale));
  if (!format) return to_rfc3339(at);
  format->adoptTimeZone(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(timezone)));
  icu::UnicodeString shown;
  format->format(static_cast<UDate>(to_unix_ms(at)), shown);
  std::string text;
  return shown.toUTF8String(text);
}

std::unique_ptr<SystemTexts> create_system_texts(asio::any_io_executor executor, store::Runner& runner,
                                                 RandomSource& random) {
  return std::make_unique<QueuedTexts>(executor, runner, random);
}

}  // namespace peyk::routing
