// The desk's ordinary life over a real store: offers, replies, transfers, waiting, and two daemons on one store.
#include "routing/desk.h"

#include <doctest/doctest.h>

#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

using test::TestDesk;

const AgentName kAni("ani");
const Actor kActor{ActorKind::agent, kAni, kAni};

struct Fixture {
  test::RedisServer server;
  test::Loop loop;
  TestDesk desk{loop, server, test::desk_config()};

  Accepted receive(const Inbound& message) {
    const auto accepted = loop.run(desk->intake().receive(message));
    REQUIRE_MESSAGE(accepted.has_value(), accepted.error().message);
    return *accepted;
  }
  Conversation read(const ConversationId& id) {
    const auto found = loop.run(desk->reader().conversation(id));
    REQUIRE_MESSAGE(found.has_value(), found.error().message);
    return *found;
  }
  /// The next offer's id, as the events show it.
  OfferId offered(std::size_t from = 0) {
    REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer", from).empty(); }));
    return OfferId(desk.id_in("offer.made", "offer", from));
  }
  ConversationId accepted_from(const std::string& email, const std::string& subject = {}) {
    desk.available("ani");
    auto form = TestDesk::form(email, "My cooler leaks.");
    form.subject = subject;
    receive(form);
    const auto taken = loop.run(desk->work().accept(kActor, offered()));
    REQUIRE_MESSAGE(taken.has_value(), taken.error().message);
    return *taken;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a form is offered to the agent with what he needs to know, and is his when he accepts") {
  desk.available("ani");
  auto form = TestDesk::form("sara@example.org", "My cooler leaks.");
  form.subject = "Leak";
  form.fields = {{"product", "cooler"}};
  const auto accepted = receive(form);
  CHECK(accepted.created);
  CHECK(accepted.reference.starts_with("PK-"));
  CHECK(accepted.state == State::offered);

  const auto view = loop.run(desk->presence().offer(offered()));
  REQUIRE_MESSAGE(view.has_value(), view.error().message);
  CHECK(view->conversation.id == accepted.conversation);
  CHECK(view->conversation.subject == "Leak");
  CHECK(view->preview == "My cooler leaks.");
  CHECK(view->contact_name == "A customer");
  CHECK_FALSE(view->why.empty());

  const auto taken = loop.run(desk->work().accept(kActor, view->id));
  REQUIRE_MESSAGE(taken.has_value(), taken.error().message);
  const auto conversation = read(*taken);
  CHECK(conversation.state == State::active);
  CHECK(conversation.agent == kAni);
  CHECK(conversation.fields.at("product") == "cooler");
  const auto promised = conversation.promise.first_reply_by - conversation.created_at;
  CHECK(std::chrono::abs(promised - std::chrono::minutes(2)) < std::chrono::milliseconds(500));  // two clocks
  CHECK(conversation.next_actor == NextActor::agent);
  CHECK(conversation.next_at.has_value());
}

TEST_CASE_FIXTURE(Fixture, "an answer goes through the outbox, and what was resolved is reopened by its customer") {
  std::vector<Outbound> sent;
  desk->outbox().start([&sent](Outbound out) {
    sent.push_back(std::move(out));
    return test::send_result({SendResult::Kind::sent, "", ""});
  });
  const auto taken = accepted_from("sara@example.org", "Leak");
  const auto reply = loop.run(desk->work().reply(kActor, taken, {"key-1", "Turn it off, we come today.", {}}));
  REQUIRE_MESSAGE(reply.has_value(), reply.error().message);
  CHECK(reply->direction == Direction::out);
  CHECK(reply->state == MessageState::queued);
  CHECK(reply->author.name == "Ani Sarkissian");
  CHECK(reply->external_id == reply->id.str() + "@kouh.example");
  REQUIRE(desk.until([&] { return sent.size() >= 2; }));  // the notice of receipt, then the answer
  const auto& answer = sent.back();
  CHECK(answer.text == "Turn it off, we come today.");
  CHECK(answer.channel == ChannelName("support-mail"));
  REQUIRE(answer.to.size() == 1);
  CHECK(answer.to[0].value == "sara@example.org");
  CHECK(answer.from_name == "Ani Sarkissian");
  CHECK(answer.subject == "Leak");
  CHECK(desk.until(
      [&] { return loop.run(desk->reader().message(taken, reply->id)).value().state == MessageState::sent; }));

  const auto resolved = loop.run(desk->work().resolve(kActor, taken, {Outcome::solved, "by phone", {}}));
  REQUIRE_MESSAGE(resolved.has_value(), resolved.error().message);
  const auto conversation = read(taken);
  CHECK(conversation.state == State::resolved);
  CHECK(conversation.outcome == Outcome::solved);

  auto again = TestDesk::form("sara@example.org", "It leaks again.");
  again.thread.conversation = taken;
  const auto reopened = receive(again);
  CHECK(reopened.conversation == taken);
  CHECK_FALSE(reopened.created);
  const auto state = read(taken).state;
  CHECK((state == State::offered || state == State::waiting));
}

TEST_CASE_FIXTURE(Fixture, "what is pushed of an offer came with the call that made it, and needs no read") {
  desk.available("ani");
  receive(TestDesk::form("sara@example.org", "My cooler leaks."));
  const auto view = loop.run(desk->presence().offer(offered()));
  REQUIRE_MESSAGE(view.has_value(), view.error().message);
  REQUIRE(loop.run(desk.client().call({"RENAME", "peyk:{test}:o:" + view->id.str(), "peyk:{test}:aside"})).has_value());
  const auto pushed = loop.run(desk->presence().made(view->id, desk.id_in("offer.made", "via")));
  REQUIRE_MESSAGE(pushed.has_value(), pushed.error().message);
  CHECK(pushed->preview == view->preview);
  CHECK(pushed->expires_at == view->expires_at);
  CHECK(loop.run(desk->presence().made(view->id, "another")).error().code == ErrorCode::not_found);
  REQUIRE(loop.run(desk.client().call({"RENAME", "peyk:{test}:aside", "peyk:{test}:o:" + view->id.str()})).has_value());
}

TEST_CASE_FIXTURE(Fixture, "the same delivery key gives the first answer again, and another body is a conflict") {
  auto form = TestDesk::form("sara@example.org", "Hello there.");
  form.body_digest = std::string(64, 'a');
  const auto first = receive(form);
  const auto second = receive(form);
  CHECK(second.duplicate);
  CHECK(second.conversation == first.conversation);
  CHECK(second.message == first.message);
  CHECK(second.status_token == first.status_token);
  form.body_digest = std::string(64, 'b');
  const auto other = loop.run(desk->intake().receive(form));
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().code == ErrorCode::conflict);
}

TEST_CASE_FIXTURE(Fixture, "nobody is there: it waits, its customer knows his place, and the next agent gets it") {
  const auto first = receive(TestDesk::form("a@example.org", "First question."));
  const auto second = receive(TestDesk::form("b@example.org", "Second question."));
  CHECK(first.state == State::waiting);
  CHECK(first.position == 1);
  CHECK(second.position == 2);
  const auto status = loop.run(desk->reader().status(second.status_token));
  REQUIRE_MESSAGE(status.has_value(), status.error().message);
  CHECK(status->position == 2);
  REQUIRE(!status->messages.empty());
  CHECK(status->messages[0].text == "Second question.");
  desk.available("ani");
  const auto view = loop.run(desk->presence().offer(offered())).value();
  CHECK(view.conversation.id == first.conversation);
  const auto queues = loop.run(desk->reader().queues()).value();
  REQUIRE(queues.size() == 2);
  CHECK(queues[1].name == QueueName("service"));
  CHECK(queues[1].offered + queues[1].waiting == 2);
}

TEST_CASE_FIXTURE(Fixture, "an offer that is gone says why") {
  desk.available("ani");
  receive(TestDesk::form("a@example.org", "First question."));
  const auto offer = offered();
  REQUIRE(loop.run(desk->work().decline(kActor, offer, "lunch")).has_value());
  const auto late = loop.run(desk->work().accept(kActor, offer));
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == ErrorCode::conflict);
  CHECK(late.error().message.starts_with("declined"));
  const auto none = loop.run(desk->work().accept(kActor, OfferId("o_none")));
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == ErrorCode::not_found);
}

TEST_CASE_FIXTURE(Fixture, "a reply with the same key is one message, and a stranger may not reply") {
  const auto id = accepted_from("sara@example.org");
  const auto first = loop.run(desk->work().reply(kActor, id, {"k", "One.", {}}));
  const auto second = loop.run(desk->work().reply(kActor, id, {"k", "One.", {}}));
  REQUIRE(first.has_value());
  REQUIRE_MESSAGE(second.has_value(), second.error().message);
  CHECK(first->id == second->id);
  const AgentName mehri("mehri");
  const auto stranger = loop.run(desk->work().reply({ActorKind::agent, mehri, mehri}, id, {"k2", "Two.", {}}));
  REQUIRE_FALSE(stranger.has_value());
  CHECK(stranger.error().code == ErrorCode::conflict);
}

TEST_CASE_FIXTURE(Fixture, "a transfer reaches the other queue's agent, and the first one follows") {
  const auto id = accepted_from("sara@example.org");
  desk.available("mehri");
  const auto seen = desk.events().size();
  const auto moved = loop.run(desk->work().transfer(kActor, id, {QueueName("billing"), {}, {}, "please refund"}));
  REQUIRE_MESSAGE(moved.has_value(), moved.error().message);
  const auto view = loop.run(desk->presence().offer(offered(seen))).value();
  CHECK(view.agent == AgentName("mehri"));
  const auto conversation = read(id);
  CHECK(conversation.queue == QueueName("billing"));
  CHECK(conversation.followers == std::vector{kAni});
  const auto messages = loop.run(desk->reader().messages(id, 0, 50)).value();
  const bool noted = std::any_of(messages.begin(), messages.end(), [](const auto& message) {
    return message.direction == Direction::note && message.text == "please refund";
  });
  CHECK(noted);
}

TEST_CASE_FIXTURE(Fixture, "pending and snoozed say what comes next, and the customer's word wakes it") {
  const auto id = accepted_from("sara@example.org");
  const auto until =
      std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()) + std::chrono::hours(1);
  REQUIRE(loop.run(desk->work().pending(kActor, id, until, {})).has_value());
  CHECK(read(id).state == State::pending);
  CHECK(read(id).next_at == until);
  CHECK(read(id).next_actor == NextActor::customer);
  auto more = TestDesk::form("sara@example.org", "Here is the number.");
  more.thread.conversation = id;
  receive(more);
  CHECK(read(id).state == State::active);
  REQUIRE(loop.run(desk->work().snooze(kActor, id, until, {})).has_value());
  CHECK(read(id).state == State::snoozed);
  const auto past = loop.run(desk->work().snooze(kActor, id, from_unix_ms(0), {}));
  REQUIRE_FALSE(past.has_value());
  CHECK(past.error().code == ErrorCode::unprocessable);
}

TEST_CASE_FIXTURE(Fixture, "an agent writes first") {
  const auto started = loop.run(desk->work().start(
      kActor, {ChannelName("support-mail"), "sara@example.org", "Your cooler", "We have the part.", "key"}));
  REQUIRE_MESSAGE(started.has_value(), started.error().message);
  const auto conversation = read(*started);
  CHECK(conversation.initiator == Initiator::agent);
  CHECK(conversation.agent == kAni);
  CHECK(conversation.subject == "Your cooler");
}

TEST_CASE_FIXTURE(Fixture, "a conversation is explained, in words too") {
  const auto accepted = receive(TestDesk::form("a@example.org", "First question."));
  const auto explained = loop.run(desk->reader().explain(accepted.conversation));
  REQUIRE_MESSAGE(explained.has_value(), explained.error().message);
  const std::string text(explained->at("text").as_string());
  CHECK(text.find(accepted.reference) != std::string::npos);
  CHECK(text.find("ani: not connected") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a fresh desk has nothing to mend") {
  accepted_from("sara@example.org");
  const auto audit = loop.run(desk->reader().audit(false));
  REQUIRE_MESSAGE(audit.has_value(), audit.error().message);
  CHECK(audit->at("findings").as_array().empty());
}

TEST_CASE_FIXTURE(Fixture, "two daemons on one store are one desk") {
  TestDesk other(loop, server, test::desk_config());
  desk.available("ani");
  const auto accepted = loop.run(other->intake().receive(TestDesk::form("sara@example.org", "My cooler leaks.")));
  REQUIRE(accepted.has_value());
  const auto taken = loop.run(desk->work().accept(kActor, offered()));
  CHECK(taken.value() == accepted->conversation);
  CHECK(other.until([&] { return !other.id_in("conversation.assigned", "agent").empty(); }));
}

TEST_CASE_FIXTURE(Fixture, "a store that is down takes nothing in, and all goes on when it is back") {
  server.kill9();
  REQUIRE(desk.until([&] { return !desk.client().connected(); }));
  const auto refused = loop.run(desk->intake().receive(TestDesk::form("a@example.org", "Lost?")));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::unavailable);
  server.start();  // without its data: the desk writes its roster anew
  CHECK(desk.until(
      [&] { return loop.run(desk->intake().receive(TestDesk::form("a@example.org", "Again."))).has_value(); }));
}

}  // namespace peyk::routing
