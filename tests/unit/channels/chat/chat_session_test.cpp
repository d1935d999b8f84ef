#include "channels/chat/chat_session.h"

#include <doctest/doctest.h>

#include "tests/support/chat_side.h"

namespace peyk::channels::chat {

using routing::State;
using test::ChatSide;

namespace {

std::string str(const boost::json::value& value) {
  return std::string(value.as_string());
}

}  // namespace

TEST_CASE("a new visitor gets a token of his own and the hours, and no conversation yet") {
  ChatSide side;
  const auto [one, welcome] = side.visit();
  CHECK(welcome.at("visitor").as_string().size() > 43);
  CHECK(welcome.at("conversation").is_null());
  CHECK(welcome.at("messages").as_array().empty());
  CHECK(welcome.at("hours").at("open") == true);
  const auto [two, other] = side.visit();
  CHECK(other.at("visitor") != welcome.at("visitor"));
}

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
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
  CHECK(side.next_type(*socket) == "queued");
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

TEST_CASE("whoever comes back with his token sees what was said and where it stands") {
  ChatSide side;
  const auto [first, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  first->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*first) == "ack");
  first->hang_up();
  side.loop.run_for(std::chrono::milliseconds(5));
  auto& held = side.desk.only();
  side.desk.assign(held, "ani");
  side.desk.answer(held, "Which model?");
  side.desk.answer(held, "secret", routing::Direction::note);
  const auto [again, history] = side.visit(token);
  CHECK(str(history.at("visitor")) == token);
  CHECK(str(history.at("conversation")) == held.conversation.id.str());
  REQUIRE(history.at("messages").as_array().size() == 2);
  CHECK(history.at("messages").at(1).at("text") == "Which model?");
  CHECK(side.next_type(*again) == "assigned");
  CHECK(side.is_silent(*again));
  side.desk.answer(held, "Still there?");
  CHECK(side.next(*again).at("message").at("text") == "Still there?");
}

TEST_CASE("an unknown token is replaced, one of ours that has not written yet is kept") {
  ChatSide side;
  const auto [one, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  const auto [two, same] = side.visit(token);
  CHECK(str(same.at("visitor")) == token);
  auto forged = token;
  forged[3] = forged[3] == 'x' ? 'y' : 'x';
  for (const auto& other : {forged, std::string("short"), std::string(43, 'A'), std::string(300, 'A')}) {
    CAPTURE(other);
    CHECK(str(side.visit(other).second.at("visitor")) != other);
  }
}

TEST_CASE("all tabs of a visitor get everything, the writing one its own message only as an ack") {
  ChatSide side;
  const auto [one, welcome] = side.visit();
  const auto [two, same] = side.visit(std::string(welcome.at("visitor").as_string()));
  one->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*one) == "ack");
  CHECK(side.next_type(*one) == "queued");
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
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
  CHECK(side.next_type(*socket) == "queued");
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
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
  CHECK(side.next_type(*socket) == "queued");
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
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
  CHECK(side.next_type(*socket) == "queued");
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
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
  CHECK(side.next_type(*socket) == "queued");
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

TEST_CASE("what is no frame of ours is told, nothing is stored, and who goes on is put out") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{", "invalid"},
      {"[]", "invalid"},
      {"\"\xff\"", "invalid"},
      {R"({"type":"dance"})", "invalid"},
      {R"({"type":"message","text":"no key"})", "unprocessable"},
      {R"({"type":"message","key":"k","text":"  "})", "unprocessable"},
      {R"({"type":"message","key":"k","text":"x","colour":"red"})", "unprocessable"},
      {R"({"type":"message","key":"k","text":5})", "unprocessable"},
      {R"({"type":"message","key":"k","text":"x","attachments":["b_0.x.y"]})", "not_found"},
      {R"({"type":"message","key":"k","text":")" + std::string(17'000, 'a') + "\"}", "too_large"},
      {R"({"type":"hello"})", "conflict"},
  };
  for (const auto& [frame, code] : cases) {
    CAPTURE(frame.substr(0, 60));
    socket->say(frame);
    CHECK(str(side.next(*socket).at("code")) == code);
  }
  CHECK(side.desk.received.empty());
  for (int i = 0; i < 20; ++i) socket->say("{");
  for (int i = 0; i < 9; ++i) CHECK(side.next_type(*socket) == "error");
  side.is_silent(*socket);
  CHECK(socket->close_code == 1008);
}

TEST_CASE("the first frame must be a hello") {
  ChatSide side;
  for (const auto* frame : {R"({"type":"message","key":"k","text":"x"})", "{", R"({"type":"hello","colour":1})"}) {
    CAPTURE(frame);
    const auto socket = side.connect();
    socket->say(frame);
    CHECK(side.next_type(*socket) == "error");
    side.is_silent(*socket);
    CHECK(socket->close_code == 1008);
  }
}

TEST_CASE("a known visitor is asked to come back while the store is down") {
  ChatSide side;
  const auto [first, welcome] = side.visit();
  side.desk.down = true;
  const auto socket = side.connect();
  socket->say(boost::json::serialize(boost::json::object{{"type", "hello"}, {"visitor", welcome.at("visitor")}}));
  CHECK(side.next(*socket).at("code") == "unavailable");
  side.is_silent(*socket);
  CHECK(socket->close_code == 1013);
}

TEST_CASE("messages are limited where a rate is set") {
  ChatSide side("kind: chat, limits: {messages: \"1/10s\"}");
  const auto [socket, welcome] = side.visit();
  socket->say(R"({"type":"message","key":"k1","text":"1"})");
  CHECK(side.next_type(*socket) == "ack");
  CHECK(side.next_type(*socket) == "queued");
  socket->say(R"({"type":"message","key":"k2","text":"2"})");
  const auto error = side.next(*socket);
  CHECK(error.at("code") == "throttled");
  CHECK(error.at("key") == "k2");
}

TEST_CASE("foreign origins and unknown chats are refused at the handshake") {
  ChatSide side("kind: chat, origins: [\"https://kouh.example\"]");
  const auto guard = side.route().guard;
  CHECK(guard(side.handshake()));
  CHECK(guard(side.handshake({{"Origin", "https://kouh.example"}})));
  CHECK(guard(side.handshake({{"Origin", "https://support.kouh.example"}})));
  CHECK(guard(side.handshake({{"Origin", "https://evil.example"}})).error().code == ErrorCode::forbidden);
  CHECK(guard(side.handshake({{"Origin", "null"}})).error().code == ErrorCode::forbidden);
  auto unknown = side.handshake();
  unknown.captures["channel"] = "nothing";
  CHECK(guard(unknown).error().code == ErrorCode::not_found);
}

TEST_CASE("hello says who he is and where he comes from") {
  ChatSide side;
  const auto socket = side.connect();
  socket->say(
      R"({"type":"hello","name":"Sara","email":"S@Kouh.example","locale":"fa-IR","page":"https://kouh.example/cooler"})");
  CHECK(side.next_type(*socket) == "welcome");
  socket->say(R"({"type":"message","key":"k1","text":"سلام"})");
  CHECK(side.next_type(*socket) == "ack");
  const auto& stored = side.desk.received.front();
  CHECK(stored.sender_name == "Sara");
  CHECK(stored.also_known_as == std::vector<routing::Identity>{{"email", "s@kouh.example", false}});
  CHECK(stored.locale == "fa");
  CHECK(stored.fields.at("page") == "https://kouh.example/cooler");
}

TEST_CASE("a chat that stops closes its sockets with 1001") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  side.loop.run(side.channel->stop());
  CHECK(socket->close_code == 1001);
  CHECK(side.route().guard(side.handshake()).error().code == ErrorCode::not_found);
}

TEST_CASE("a flood of read frames reaches the agent as a few, the same message once") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
  for (int i = 0; i < 50; ++i) socket->say(R"({"type":"read","message":"m_same"})");
  for (int i = 0; i < 50; ++i) socket->say(R"({"type":"read","message":"m_)" + std::to_string(i) + "\"}");
  socket->say(R"({"type":"message","key":"k2","text":"Still"})");
  while (side.next_type(*socket) != "ack") continue;
  CHECK(side.signals.sent.size() == 10);
  CHECK(side.signals.sent.front().message == "m_same");
}

TEST_CASE("ratings count as messages where those are limited, and are never many") {
  ChatSide limited("kind: chat, limits: {messages: 2/1m}");
  const auto [socket, welcome] = limited.visit();
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(limited.next_type(*socket) == "ack");
  while (limited.next_type(*socket) != "queued") continue;
  socket->say(R"({"type":"rate","score":5})");
  CHECK(limited.next_type(*socket) == "rated");
  socket->say(R"({"type":"rate","score":5})");
  CHECK(limited.next(*socket).at("code") == "throttled");

  ChatSide open;
  const auto [other, greeting] = open.visit();
  other->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  while (open.next_type(*other) != "queued") continue;
  for (int i = 0; i < 10; ++i) {
    other->say(R"({"type":"rate","score":5})");
    CHECK(open.next_type(*other) == "rated");
  }
  other->say(R"({"type":"rate","score":5})");
  CHECK(open.next(*other).at("code") == "throttled");
  CHECK(open.desk.ratings.size() == 10);
}

TEST_CASE("a visitor has at most twenty sockets") {
  ChatSide side;
  const auto [first, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  std::vector<std::shared_ptr<test::FakeWebSocket>> sockets;
  for (int i = 1; i < 20; ++i) sockets.push_back(side.visit(token).first);
  const auto refused = side.connect();
  refused->say(boost::json::serialize(boost::json::object{{"type", "hello"}, {"visitor", token}}));
  CHECK(side.next(*refused).at("code") == "throttled");
}

TEST_CASE("of a long conversation the last messages are shown") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  socket->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*socket) == "ack");
  for (int i = 0; i < 450; ++i) side.desk.answer(side.desk.only(), std::to_string(i), routing::Direction::out);
  const auto again = side.visit(std::string(welcome.at("visitor").as_string())).second;
  REQUIRE(again.at("messages").as_array().size() == 200);
  CHECK(again.at("messages").as_array().front().at("text") == "250");
  CHECK(again.at("messages").as_array().back().at("text") == "449");
}

}  // namespace peyk::channels::chat
