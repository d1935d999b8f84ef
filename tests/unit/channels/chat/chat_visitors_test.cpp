// Who a visitor is: his token, what he is shown when he comes back, what his hello says.
#include <doctest/doctest.h>

#include "tests/support/chat_side.h"

namespace peyk::channels::chat {

using test::ChatSide;
using test::str;

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
