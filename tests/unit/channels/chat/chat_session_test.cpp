// A conversation as its visitor sees it: messages and their keys, places in the queue, answers, ends, several tabs.
#include "channels/chat/chat_session.h"

#include <doctest/doctest.h>

#include "tests/support/chat_side.h"

namespace peyk::channels::chat {

using routing::State;
using test::ChatSide;
using test::str;

TEST_CASE("a message is acknowledged once stored, then its place in the queue is told") {
  ChatSide side;
  side.desk.wait = routing::WaitEstimate{60, 120};
  const auto [socket, welcome] = side.visit();
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  const auto ack = side.next(*socket);
  CHECK(ack.at("type") == "ack");
  CHECK(ack.at("key") == "k1");
  CHECK(str(ack.at("message")) == side.desk.only().messages.front().id.str());
  CHECK(str(ack.at("at")) == to_rfc3339(side.clock.now()));
  const auto queued = side.next(*socket);
  CHECK(queued.at("type") == "queued");
  CHECK(queued.at("position") == 1);
  CHECK(queued.at("wait").at("p90") == 120);
  const auto& stored = side.desk.received.front();
  CHECK(stored.kind == routing::ChannelKind::chat);
  CHECK(stored.sender == VisitorTokens::identity_of(std::string(welcome.at("visitor").as_string())));
  CHECK(side.is_silent(*socket));
}

TEST_CASE("the same key again gives the same ack, another text under it an error") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  const auto ack = side.next(*socket);
  CHECK(side.next_type(*socket) == "queued");
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next(*socket) == ack);
  socket->say(R"({"type":"message","key":"k1","text":"Other"})");
  const auto error = side.next(*socket);
  CHECK(error.at("type") == "error");
  CHECK(error.at("code") == "conflict");
  CHECK(error.at("key") == "k1");
  CHECK(side.desk.received.size() == 1);
}

TEST_CASE("keys of two visitors do not meet") {
  ChatSide side;
  for (int i = 0; i < 2; ++i) {
    const auto visited = side.visit();
    visited.first->say(R"({"type":"message","key":"k1","text":"Hello"})");
    CHECK(side.next_type(*visited.first) == "ack");
  }
  CHECK(side.desk.received.size() == 2);
}

TEST_CASE("a store that is down gives no ack but an error, and the same key works later") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  side.desk.down = true;
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  const auto error = side.next(*socket);
  CHECK(error.at("code") == "unavailable");
  CHECK(error.at("key") == "k1");
  side.desk.down = false;
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
}

TEST_CASE("agent, answers and end reach the visitor in order; notes do not") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  side.write(*socket);
  auto& held = side.desk.only();
  side.desk.assign(held, "ani");
  const auto assigned = side.next(*socket);
  CHECK(assigned.at("type") == "assigned");
  CHECK(assigned.at("agent").at("name") == "Ani");
  side.desk.answer(held, "secret", routing::Direction::note);
  side.desk.answer(held, "Which model?");
  const auto message = side.next(*socket).at("message").as_object();
  CHECK(message.at("from") == "agent");
  CHECK(message.at("text") == "Which model?");
  CHECK(message.at("name") == "Ani Sarkissian");
  side.desk.answer(held, "Ani's connection was lost", routing::Direction::system);
  CHECK(side.next(*socket).at("message").at("from") == "system");
  side.desk.change(held, State::resolved, "conversation.resolved");
  const auto resolved = side.next(*socket);
  CHECK(resolved.at("type") == "resolved");
  CHECK(str(resolved.at("conversation")) == held.conversation.id.str());
  CHECK(side.is_silent(*socket));
}

TEST_CASE("all tabs of a visitor get everything, the writing one its own message only as an ack") {
  ChatSide side;
  const auto [one, welcome] = side.visit();
  const auto [two, same] = side.visit(std::string(welcome.at("visitor").as_string()));
  side.write(*one);
  std::vector<std::string> types{side.next_type(*two), side.next_type(*two)};
  std::ranges::sort(types);
  CHECK(types == std::vector<std::string>{"message", "queued"});
  side.desk.assign(side.desk.only(), "ani");
  side.desk.answer(side.desk.only(), "Hello");
  for (const auto& tab : {one, two}) {
    CHECK(side.next_type(*tab) == "assigned");
    CHECK(side.next_type(*tab) == "message");
    CHECK(side.is_silent(*tab));
  }
}

TEST_CASE("a conversation begun on another daemon is found by the visitor's other tab") {
  ChatSide side;
  const auto [tab, welcome] = side.visit();
  routing::Inbound elsewhere;
  elsewhere.channel = ChannelName("site-chat");
  elsewhere.kind = routing::ChannelKind::chat;
  elsewhere.delivery_key = "elsewhere";
  elsewhere.sender = VisitorTokens::identity_of(std::string(welcome.at("visitor").as_string()));
  elsewhere.text = "From my telephone";
  CHECK(side.loop.run(side.desk.receive(elsewhere)).has_value());
  CHECK(side.next(*tab).at("message").at("text") == "From my telephone");
}

TEST_CASE("after a gap in the events everybody is looked at again") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  side.write(*socket);
  auto& held = side.desk.only();
  held.conversation.state = State::active;  // changed while nobody told
  held.conversation.agent = AgentName("ani");
  side.feed.gaps.call();
  CHECK(side.next_type(*socket) == "assigned");
}

TEST_CASE("the place in the queue is told when it changes, and only then") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
  CHECK(side.next(*socket).at("position") == 1);
  auto& held = side.desk.only();
  held.position = 4;
  routing::Event other;
  other.type = "conversation.assigned";
  other.conversation = routing::ConversationId("c_other");
  side.feed.events.call(other);
  CHECK(side.next(*socket).at("position") == 4);
  side.feed.events.call(other);
  CHECK(side.is_silent(*socket));
}

TEST_CASE("typing goes both ways, not more often than once a second") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  socket->say(R"({"type":"typing"})");
  side.write(*socket);
  CHECK(side.signals.sent.empty());
  for (int i = 0; i < 3; ++i) socket->say(R"({"type":"typing"})");
  socket->say(R"({"type":"read","message":"m_9"})");
  CHECK(side.is_silent(*socket));
  REQUIRE(side.signals.sent.size() == 2);
  CHECK(side.signals.sent.front().type == "typing");
  CHECK(side.signals.sent.front().from_customer);
  CHECK(side.signals.sent.front().conversation == side.desk.only().conversation.id);
  CHECK(side.signals.sent.back().message == "m_9");
  for (int i = 0; i < 3; ++i) {
    side.signals.signals.call({"typing", side.desk.only().conversation.id, false, "ani", ""});
  }
  CHECK(side.next_type(*socket) == "typing");
  CHECK(side.is_silent(*socket));
}

TEST_CASE("the visitor ends his conversation, rates it, and a new message reopens it") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  socket->say(R"({"type":"end"})");
  CHECK(side.next(*socket).at("code") == "not_found");
  side.write(*socket);
  socket->say(R"({"type":"end"})");
  CHECK(side.next_type(*socket) == "resolved");
  CHECK(side.is_silent(*socket));
  socket->say(R"({"type":"rate","score":5,"comment":"Good"})");
  CHECK(side.next_type(*socket) == "rated");
  CHECK(side.desk.ratings == std::vector<std::pair<int, std::string>>{{5, "Good"}});
  socket->say(R"({"type":"rate","score":6})");
  CHECK(side.next(*socket).at("code") == "unprocessable");
  socket->say(R"({"type":"message","key":"k2","text":"Again"})");
  CHECK(side.next_type(*socket) == "ack");
  CHECK(side.next_type(*socket) == "queued");
  CHECK(side.desk.held.size() == 1);
}

// Between two looks at the store an agent may have the reopened conversation, answer and resolve it.
TEST_CASE("an end is told also when the conversation was never seen open again") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  side.write(*socket);
  auto& held = side.desk.only();
  side.desk.change(held, State::resolved, "conversation.resolved");
  CHECK(side.next_type(*socket) == "resolved");
  SUBCASE("he wrote here") {
    side.desk.resolves = true;
    socket->say(R"({"type":"message","key":"k2","text":"Again"})");
    CHECK(side.next_type(*socket) == "ack");
  }
  SUBCASE("he wrote elsewhere, or was never told that it is stored") {
    side.desk.answer(held, "Again", routing::Direction::in);
    CHECK(side.next_type(*socket) == "message");
  }
  CHECK(side.next_type(*socket) == "resolved");
  CHECK(side.is_silent(*socket));
}

TEST_CASE("a chat that stops closes its sockets with 1001") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  side.loop.run(side.channel->stop());
  CHECK(socket->close_code == 1001);
  CHECK(side.route().guard(side.handshake()).error().code == ErrorCode::not_found);
}

}  // namespace peyk::channels::chat
