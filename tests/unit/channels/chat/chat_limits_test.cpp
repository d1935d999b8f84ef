// What a visitor may not, and how often he may the rest.
#include <doctest/doctest.h>

#include "tests/support/chat_side.h"

namespace peyk::channels::chat {

using test::ChatSide;
using test::str;

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
      {R"({"type":"history","conversation":"c_1"})", "unprocessable"},
      {R"({"type":"history","conversation":"c_1","before":0})", "unprocessable"},
      {R"({"type":"history","conversation":"c_1","before":"2"})", "unprocessable"},
      {R"({"type":"history","conversation":"c_1","before":4294967297})", "unprocessable"},
      {R"({"type":"history","before":2})", "unprocessable"},
      {R"({"type":"history","conversation":"c_1","before":2})", "not_found"},
  };
  for (const auto& [frame, code] : cases) {
    CAPTURE(frame.substr(0, 60));
    socket->say(frame);
    CHECK(str(side.next(*socket).at("code")) == code);
  }
  CHECK(side.desk.received.empty());
  for (int i = 0; i < 20; ++i) socket->say("{");
  for (int i = 0; i < 3; ++i) CHECK(side.next_type(*socket) == "error");
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

TEST_CASE("a visitor has at most twenty sockets; one more is refused before the store is asked") {
  ChatSide side;
  const auto [first, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  std::vector<std::shared_ptr<test::FakeWebSocket>> sockets;
  for (int i = 1; i < 20; ++i) sockets.push_back(side.visit(token).first);
  side.desk.down = true;
  const auto refused = side.connect();
  refused->say(boost::json::serialize(boost::json::object{{"type", "hello"}, {"visitor", token}}));
  CHECK(side.next(*refused).at("code") == "throttled");
  CHECK(refused->close_code == 1008);
}

TEST_CASE("who asks for earlier messages again and again is told to wait, before the store is asked") {
  ChatSide side;
  const auto [socket, welcome] = side.visit();
  side.write(*socket);
  const auto history = boost::json::serialize(boost::json::object{
      {"type", "history"}, {"conversation", side.desk.only().conversation.id.str()}, {"before", 1}});
  for (int i = 0; i < 40; ++i) {
    socket->say(history);
    CHECK(side.next_type(*socket) == "history");
  }
  side.desk.down = true;
  socket->say(history);
  CHECK(side.next(*socket).at("code") == "throttled");
  side.clock.advance(std::chrono::minutes(1));
  socket->say(history);
  CHECK(side.next(*socket).at("code") == "unavailable");
  side.desk.down = false;
  socket->say(history);
  CHECK(side.next_type(*socket) == "history");
}

TEST_CASE("who comes back again and again is told to wait, before the store is asked") {
  ChatSide side;
  const auto [first, welcome] = side.visit();
  const std::string token(welcome.at("visitor").as_string());
  first->say(R"({"type":"message","key":"k1","text":"It leaks"})");
  CHECK(side.next_type(*first) == "ack");
  side.loop.run_for(std::chrono::milliseconds(20));
  for (int i = 0; i < 40; ++i) {
    side.visit(token).first->hang_up();
    side.loop.run_for(std::chrono::milliseconds(1));
  }
  side.desk.down = true;
  const auto refused = side.connect();
  refused->say(boost::json::serialize(boost::json::object{{"type", "hello"}, {"visitor", token}}));
  CHECK(side.next(*refused).at("code") == "throttled");
  CHECK(refused->close_code == 1013);
  side.desk.down = false;
  side.visit();  // whoever is new is not counted
  side.clock.advance(std::chrono::minutes(1));
  side.visit(token);
}

}  // namespace peyk::channels::chat
