// What time alone brings about, on a clock of the test's own: deadlines, graces and retries.
#include <doctest/doctest.h>

#include "routing/store/replies.h"
#include "routing/store/runner.h"
#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

using namespace std::chrono_literals;
using test::TestDesk;

/// Two agents of one queue, and a clock that the test owns.
struct Fixture {
  test::RedisServer server;
  test::Loop loop;
  ManualClock clock{from_unix_ms(1'795'321'560'000)};
  TestDesk desk{loop, server, test::desk_config([](config::Config& config) {
                  config.agents.at(AgentName("mehri")).queues.push_back(QueueName("service"));
                }),
                clock};
  store::Runner runner{desk.client(), clock, {"test", 2s, 0, true}};

  /// Lets time pass in steps that no pause of the store explains, each with its timers; `living` renew their leases.
  void pass(Milliseconds time, const std::vector<std::string>& living = {"ani", "mehri"}) {
    for (auto left = time; left > 0ms; left -= 2s) {
      clock.advance(std::min<Milliseconds>(left, 2s));
      for (const auto& agent : living) {
        REQUIRE(loop.run(desk->presence().renew(AgentName(agent), "socket-" + agent)).has_value());
      }
      REQUIRE(loop.run(runner.write("timers", R"({"limit":50,"gap":5000})")).has_value());
    }
  }

  Inbound chat(const std::string& visitor, const std::string& text) const {
    Inbound message;
    message.channel = ChannelName("site-chat");
    message.kind = ChannelKind::chat;
    message.delivery_key = visitor + text;
    message.sender = {"visitor", visitor, true};
    message.text = text;
    return message;
  }

  OfferView offered(std::size_t from) {
    REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer", from).empty(); }));
    const auto view = loop.run(desk->presence().offer(OfferId(desk.id_in("offer.made", "offer", from))));
    REQUIRE_MESSAGE(view.has_value(), view.error().message);
    return *view;
  }
  ConversationId accept(const OfferView& offer) {
    const auto taken = loop.run(desk->work().accept({ActorKind::agent, offer.agent, offer.agent}, offer.id));
    REQUIRE_MESSAGE(taken.has_value(), taken.error().message);
    return *taken;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an offer that nobody takes goes to the next best at its deadline") {
  desk.available("ani");
  desk.available("mehri");
  REQUIRE(loop.run(desk->intake().receive(TestDesk::form("a@example.org", "Hello."))).has_value());
  const auto first = offered(0);
  CHECK(first.expires_at == clock.now() + 30s);
  const auto seen = desk.events().size();
  pass(29s);
  CHECK(desk.id_in("offer.expired", "offer", seen).empty());
  pass(2s);
  const auto second = offered(seen);
  CHECK(second.agent != first.agent);
  CHECK(second.waited >= 30s);
}

TEST_CASE_FIXTURE(Fixture,
                  "who loses his last socket loses his offers after grace and his chats later; the customer is told") {
  desk.available("ani");
  const auto chatted = loop.run(desk->intake().receive(chat("v1", "Is anybody there?")));
  REQUIRE_MESSAGE(chatted.has_value(), chatted.error().message);
  const auto id = accept(offered(0));
  desk.available("mehri");
  const auto seen = desk.events().size();
  REQUIRE(loop.run(desk->presence().socket_gone(AgentName("ani"), "socket-ani")).has_value());
  pass(100s, {"mehri"});
  CHECK(loop.run(desk->reader().conversation(id)).value().state == State::active);
  pass(30s, {"mehri"});
  const auto next = offered(seen);
  CHECK(next.agent == AgentName("mehri"));
  CHECK(next.conversation.id == id);
  CHECK(desk.until([&] {
    const auto messages = loop.run(desk->reader().messages(id, 0, 50)).value();
    return messages.back().direction == Direction::system && !messages.back().text.empty();
  }));
}

TEST_CASE_FIXTURE(Fixture,
                  "a chat is answered in its socket: sent as soon as it is stored, and not put into the outbox") {
  desk.available("ani");
  REQUIRE(loop.run(desk->intake().receive(chat("v1", "Hello?"))).has_value());
  const auto id = accept(offered(0));
  const AgentName ani("ani");
  const auto reply = loop.run(desk->work().reply({ActorKind::agent, ani, ani}, id, {"k", "Hello!", {}}));
  REQUIRE_MESSAGE(reply.has_value(), reply.error().message);
  CHECK(reply->state == MessageState::sent);
  const auto status = loop.run(runner.read("outbox_status", "{}")).value();
  CHECK(store::number(status, "queued") == 0);
  const auto continued = loop.run(desk->reader().conversation_of({"visitor", "v1", true}, ChannelName("site-chat")));
  REQUIRE(continued.value().has_value());
  CHECK((*continued)->id == id);
}

TEST_CASE_FIXTURE(Fixture,
                  "an answer that cannot be sent is tried again later, then given up, and its agent sees why") {
  int attempts = 0;
  desk->outbox().start([&attempts](Outbound) {
    ++attempts;
    return test::send_result({SendResult::Kind::retry, "", "connection refused"});
  });
  const AgentName ani("ani");
  const Actor actor{ActorKind::agent, ani, ani};
  const auto id = loop.run(desk->work().start(
      actor, {ChannelName("support-mail"), "sara@example.org", "Your cooler", "We have the part.", "key"}));
  REQUIRE_MESSAGE(id.has_value(), id.error().message);
  const auto sent = loop.run(desk->reader().messages(*id, 0, 1)).value().front();
  const auto state = [&] { return loop.run(desk->reader().message(*id, sent.id)).value(); };
  REQUIRE(desk.until([&] { return state().detail == "connection refused"; }));
  CHECK(state().state == MessageState::queued);
  CHECK(attempts == 1);
  clock.advance(std::chrono::hours(24 * 30));
  REQUIRE(desk.until([&] { return state().state == MessageState::failed; }));
  CHECK(state().detail == "given up: connection refused");
}

}  // namespace peyk::routing
