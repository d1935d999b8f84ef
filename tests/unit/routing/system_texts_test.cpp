// Peyk's own words to customers: languages, times, and sent again until stored.
#include "routing/system_texts.h"

#include <doctest/doctest.h>

#include "tests/support/fake_redis.h"
#include "tests/support/loop.h"

namespace peyk::routing {
namespace {

/// Takes `system` once it has refused `refusals` times.
class Unsteady : public test::FakeRedis {
 public:
  int refusals = 0;
  int calls = 0;
  std::string written;

  asio::awaitable<Result<redis::Reply>> eval(const redis::Script&, std::vector<std::string>,
                                             std::vector<std::string> arguments) override {
    if (++calls <= refusals) co_return fail(ErrorCode::unavailable, "down");
    written = arguments.at(3);
    redis::Reply reply;
    reply.kind = redis::Reply::Kind::text;
    reply.text = R"({"ok":{}})";
    co_return reply;
  }
};

}  // namespace

TEST_CASE("a text of Peyk's own is tried again until the store is back") {
  test::Loop loop;
  Unsteady client;
  client.refusals = 3;
  ManualClock clock{from_unix_ms(1000)};
  store::Runner runner{client, clock, {"kouh", std::chrono::seconds(2), 0, false}};
  const auto texts = create_system_texts(loop.executor(), runner, system_random());
  texts->start();
  texts->announce({ConversationId("c_1"), "received", "We have it.", nullptr, "received"});
  loop.eventually([&] { return !client.written.empty(); });
  CHECK(client.calls == 4);
  CHECK(client.written.find("c_1") != std::string::npos);
  loop.run(texts->stop());
}

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
