// Overflow through the desk, down to what the customer reads: on length, wait, hours and an empty roster, before and
// after queueing.
#include <doctest/doctest.h>

#include "routing/store/runner.h"
#include "tests/support/desk.h"
#include "tests/support/log_capture.h"

namespace peyk::routing {
namespace {

using namespace std::chrono_literals;
using test::TestDesk;

const QueueName kService("service");
const QueueName kBilling("billing");

config::Overflow to_billing(config::OverflowCondition when) {
  return {std::move(when), kBilling, {}};
}

config::Overflow answers(config::OverflowCondition when, const std::string& text) {
  return {std::move(when), {}, {{"en", text}, {"fa", "«" + text + "»"}}};
}

struct Fixture {
  test::RedisServer server;
  test::Loop loop;

  std::unique_ptr<TestDesk> desk_with(std::vector<config::Overflow> rules,
                                      const std::function<void(config::Config&)>& more = {}) {
    return std::make_unique<TestDesk>(loop, server, test::desk_config([&](config::Config& config) {
                                        config.queues.at(kService).overflow = std::move(rules);
                                        if (more) more(config);
                                      }));
  }
  Accepted arrive(TestDesk& desk, const std::string& text = "My cooler does not cool any more, please help.") {
    const auto accepted = loop.run(desk->intake().receive(TestDesk::form("a@example.org", text)));
    REQUIRE_MESSAGE(accepted.has_value(), accepted.error().message);
    return *accepted;
  }
  QueueName queue_of(TestDesk& desk, const Accepted& accepted) {
    return loop.run(desk->reader().conversation(accepted.conversation)).value().queue;
  }
  /// How often the customer was told this.
  long told(TestDesk& desk, const Accepted& accepted, const std::string& text) {
    const auto messages = loop.run(desk->reader().messages(accepted.conversation, 0, 20)).value();
    return std::count_if(messages.begin(), messages.end(), [&text](const Message& message) {
      return message.direction == Direction::system && message.text == text;
    });
  }
  /// Texts to customers for this cause.
  long said(TestDesk& desk, std::string_view cause) {
    return std::ranges::count_if(
        desk.events(), [cause](const Event& event) { return event.type == "message.system" && event.cause == cause; });
  }
  /// He ends it himself, and writes once more.
  void write_again(TestDesk& desk, const Accepted& accepted) {
    const auto ended = loop.run(desk->intake().end(accepted.conversation, {"email", "a@example.org", false}));
    REQUIRE_MESSAGE(ended.has_value(), ended.error().message);
    auto form = TestDesk::form("a@example.org", "It leaks again.");
    form.thread.conversation = accepted.conversation;
    const auto again = loop.run(desk->intake().receive(form));
    REQUIRE_MESSAGE(again.has_value(), again.error().message);
    CHECK(again->conversation == accepted.conversation);
  }
  /// Ani takes it and passes it on to billing.
  void pass_on(TestDesk& desk, const Accepted& accepted) {
    const Actor ani{ActorKind::agent, AgentName("ani"), AgentName("ani")};
    REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer").empty(); }));
    const OfferId offer(desk.id_in("offer.made", "offer"));
    REQUIRE(loop.run(desk->work().accept(ani, offer)).has_value());
    const auto passed_on = loop.run(desk->work().transfer(ani, accepted.conversation, {kBilling, {}, {}, "A bill."}));
    REQUIRE_MESSAGE(passed_on.has_value(), passed_on.error().message);
  }
  bool is_told(TestDesk& desk, const Accepted& accepted, const std::string& text) {
    return desk.until([&] { return told(desk, accepted, text) == 1; });
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "when so many wait, the next one goes to the other queue") {
  config::OverflowCondition full;
  full.waiting = 1;
  const auto desk = desk_with({to_billing(full)});
  CHECK(queue_of(*desk, arrive(*desk)) == kService);
  CHECK(queue_of(*desk, arrive(*desk)) == kBilling);
  desk->available("mehri");
  CHECK(desk->until([&] { return desk->id_in("offer.made", "to") == "mehri"; }));
}

TEST_CASE_FIXTURE(Fixture, "when so many wait, the next one is told so once, in his language, and waits on") {
  config::OverflowCondition full;
  full.waiting = 1;
  const auto desk = desk_with({answers(full, "We are many today.")});
  const auto first = arrive(*desk);
  const auto second = arrive(*desk);
  const auto third = arrive(
      *desk,
      "سلام، یخچال من دیگر سرد نمی‌کند. لطفاً هر چه زودتر کمک کنید.");
  CHECK(is_told(*desk, second, "We are many today."));
  CHECK(is_told(*desk, third, "«We are many today.»"));
  CHECK(told(*desk, first, "We are many today.") == 0);
  CHECK(queue_of(*desk, second) == kService);
  CHECK(second.position == 2);
}

TEST_CASE_FIXTURE(Fixture, "a daemon with another file says the answer that is meant, or else its built-in text") {
  config::OverflowCondition full;
  full.waiting = 1;
  const auto with = [&full](const std::string& version, const std::string& text, bool billing) {
    return test::desk_config([&](config::Config& config) {
      config.config_version = version;
      config.queues.at(kService).overflow = {answers(full, text)};
      if (billing) config.queues.at(kBilling).overflow = {answers(full, "Billing is closed.")};
    });
  };
  TestDesk stale(loop, server, with("old", "We are many today.", true));
  TestDesk fresh(loop, server, with("new", "We are many today.", false));
  arrive(stale);
  const auto second = arrive(stale);
  CHECK(is_told(stale, second, "We are many today."));
  REQUIRE(loop.run(fresh->reconfigure(with("newer", "We are more today.", false))).has_value());
  const auto received = said(stale, "received");
  const auto third = arrive(stale);
  CHECK(stale.until([&] { return said(stale, "received") == received + 1; }));
  CHECK(said(stale, "overflow") == 1);
  // Said in its place, it is not owed any more.
  CHECK(loop.run(stale.client().call({"EXISTS", "peyk:{test}:texts"})).value().integer == 0);
}

TEST_CASE_FIXTURE(Fixture, "while the queue is closed its answer is given, also right after a reload that closes it") {
  config::OverflowCondition closed;
  closed.hours_closed = true;
  const auto desk = desk_with({});
  CHECK(queue_of(*desk, arrive(*desk)) == kService);
  REQUIRE(loop.run((*desk)->reconfigure(test::desk_config([&](config::Config& config) {
                config.config_version = "closed";
                test::close_service(config);
                config.queues.at(kService).overflow = {answers(closed, "We open on another day.")};
              })))
              .has_value());
  Accepted last;
  CHECK(desk->until(
      [&] {
        last = arrive(*desk);
        loop.run_for(50ms);
        return told(*desk, last, "We open on another day.") == 1;
      },
      5s));
}

TEST_CASE_FIXTURE(Fixture, "who goes to a queue that is open is not told that the one he came to is closed") {
  config::OverflowCondition closed;
  closed.hours_closed = true;
  const auto desk = desk_with({to_billing(closed)}, test::close_service);
  store::Runner runner{desk->client(), system_clock(), {"test", 2s, 0, false}};
  REQUIRE(loop.run(runner.write("queue_state", R"({"queue":"service","closed":true})")).has_value());
  const auto accepted = arrive(*desk);
  CHECK(queue_of(*desk, accepted) == kBilling);
  REQUIRE(desk->until([&] { return !desk->id_in("message.system", "message").empty(); }));
  CHECK(said(*desk, "received") == 1);
  CHECK(said(*desk, "closed") == 0);
}

TEST_CASE_FIXTURE(Fixture, "who writes again out of hours to what was solved is told when it opens") {
  const auto desk = desk_with({}, test::close_service);
  const auto accepted = arrive(*desk);
  CHECK(desk->until([&] { return said(*desk, "closed") == 1; }));
  write_again(*desk, accepted);
  CHECK(desk->until([&] { return said(*desk, "closed") == 2; }));
}

TEST_CASE_FIXTURE(Fixture, "who writes again to what was solved overflows as a newcomer does") {
  config::OverflowCondition full;
  full.waiting = 1;
  const auto desk = desk_with({answers(full, "We are many today.")});
  arrive(*desk);
  const auto accepted = arrive(*desk);
  CHECK(is_told(*desk, accepted, "We are many today."));
  write_again(*desk, accepted);
  CHECK(desk->until([&] { return told(*desk, accepted, "We are many today.") == 2; }));
}

TEST_CASE_FIXTURE(Fixture, "when nobody in the roster meets the demand it goes where somebody does") {
  config::OverflowCondition nobody;
  nobody.nobody_rostered = true;
  const auto desk = desk_with({to_billing(nobody)}, [](config::Config& config) {
    config.queues.at(kService).demand.require = {{SkillName("billing"), 3}};
  });
  const auto accepted = arrive(*desk);
  CHECK(queue_of(*desk, accepted) == kBilling);
  desk->available("mehri");
  CHECK(desk->until([&] { return desk->id_in("offer.made", "to") == "mehri"; }));
}

TEST_CASE_FIXTURE(Fixture, "what a queue was said to be is told again when the store has lost it") {
  config::OverflowCondition slow;
  slow.wait = 1min;
  const auto desk = desk_with({answers(slow, "It takes a while today.")});
  const auto known = [&] {
    return loop.run(desk->client().call({"EXISTS", "peyk:{test}:qstate:service"})).value().integer;
  };
  REQUIRE(desk->until([&] { return known() == 1; }, 60s));
  REQUIRE(loop.run(desk->client().call({"DEL", "peyk:{test}:qstate:service"})).has_value());
  CHECK(desk->until([&] { return known() == 1; }, 60s));
}

TEST_CASE_FIXTURE(Fixture, "when the wait is long the customer hears of it") {
  config::OverflowCondition slow;
  slow.wait = 1min;
  const auto desk = desk_with({answers(slow, "It takes a while today.")});
  arrive(*desk);
  store::Runner runner{desk->client(), system_clock(), {"test", 2s, 0, false}};
  REQUIRE(loop.run(runner.write("queue_state", R"({"queue":"service","wait_p50":59000})")).has_value());
  const auto before = arrive(*desk);
  REQUIRE(loop.run(runner.write("queue_state", R"({"queue":"service","wait_p50":60000})")).has_value());
  const auto after = arrive(*desk);
  CHECK(is_told(*desk, after, "It takes a while today."));
  CHECK(told(*desk, before, "It takes a while today.") == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "whom an agent passes on to a queue that answers by itself is told its answer at once, and once") {
  config::OverflowCondition nobody;
  nobody.nobody_rostered = true;
  const test::LogCapture log;
  const auto desk = desk_with({}, [&](config::Config& config) {
    auto& billing = config.queues.at(kBilling);
    billing.demand.require = {{SkillName("billing"), 9}};
    billing.overflow = {answers(nobody, "Our accountant is back on Monday.")};
  });
  desk->available("ani");
  const auto accepted = arrive(*desk);
  pass_on(*desk, accepted);
  CHECK(is_told(*desk, accepted, "Our accountant is back on Monday."));
  const auto nothing_owed = [&] {
    return loop.run(desk->client().call({"EXISTS", "peyk:{test}:texts"})).value().integer == 0;
  };
  CHECK(desk->until(nothing_owed));
  CHECK(told(*desk, accepted, "Our accountant is back on Monday.") == 1);
  CHECK(log.text().find("texts.owed") == std::string::npos);  // nobody else had to say it later
}

TEST_CASE_FIXTURE(Fixture, "whom an agent passes on to a queue that leads to another is told that one's answer") {
  config::OverflowCondition nobody;
  nobody.nobody_rostered = true;
  const auto desk = desk_with({answers(nobody, "Our accountant is back on Monday.")}, [&](config::Config& config) {
    auto& billing = config.queues.at(kBilling);
    billing.demand.require = {{SkillName("billing"), 9}};
    billing.overflow = {{nobody, kService, {}}};
  });
  desk->available("ani");
  const auto accepted = arrive(*desk);
  pass_on(*desk, accepted);
  CHECK(is_told(*desk, accepted, "Our accountant is back on Monday."));
  CHECK(queue_of(*desk, accepted) == kService);
}

TEST_CASE_FIXTURE(Fixture,
                  "after a time in the queue he is told so, and after a longer one he is moved, at his old age") {
  config::OverflowCondition soon;
  soon.after = 300ms;
  config::OverflowCondition later;
  later.after = 900ms;
  const auto desk = desk_with({answers(soon, "Still here."), to_billing(later)});
  const auto accepted = arrive(*desk);
  CHECK(told(*desk, accepted, "Still here.") == 0);
  CHECK(is_told(*desk, accepted, "Still here."));
  CHECK(desk->until([&] { return queue_of(*desk, accepted) == kBilling; }));
  CHECK(told(*desk, accepted, "Still here.") == 1);
  const auto shown = loop.run((*desk)->reader().conversation(accepted.conversation)).value();
  CHECK(shown.unanswered_since == shown.created_at);
  desk->available("mehri");
  CHECK(desk->until([&] { return desk->id_in("offer.made", "to") == "mehri"; }));
}

TEST_CASE_FIXTURE(Fixture, "where the other queue asks for the customer's language, it is his own that is asked for") {
  config::OverflowCondition full;
  full.waiting = 1;
  const auto desk = desk_with({to_billing(full)}, [](config::Config& config) {
    auto& demand = config.queues.at(kBilling).demand;
    demand.require = {{SkillName("language"), 2}};
    demand.prefer = {{{{SkillName("language"), 3}, {SkillName("billing"), 2}}, 1h, config::DroppedWhenNone::never}};
    demand.bands = {{SkillName("language"), {6, 5}}};
  });
  arrive(*desk);
  desk->available("mehri");  // fa 5, no hy
  const auto persian = arrive(
      *desk,
      "سلام، یخچال من دیگر سرد نمی‌کند. لطفاً هر چه زودتر کمک کنید.");
  CHECK(queue_of(*desk, persian) == kBilling);
  REQUIRE(desk->until([&] { return desk->id_in("offer.made", "to") == "mehri"; }));
  const auto decision = desk->id_in("offer.made", "decision");
  CHECK_MESSAGE(decision.find(R"("demand":"billing=2,fa=3")") != std::string::npos, decision);
  CHECK_MESSAGE(decision.find(R"("band":2)") != std::string::npos, decision);
  const auto armenian = arrive(*desk, "Բարև, իմ սառնարանն այլևս չի սառեցնում, խնդրում եմ օգնեք։");
  CHECK(loop.run((*desk)->reader().conversation(armenian.conversation)).value().state == State::waiting);
}

}  // namespace peyk::routing
