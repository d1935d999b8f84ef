// What was said before the messages of a welcome, page by page.
#include <doctest/doctest.h>

#include "tests/support/chat_side.h"

namespace peyk::channels::chat {
namespace {

using test::ChatSide;
using test::str;

/// A visitor with a message of his own and 449 answers, who has come back.
struct LongTalk : ChatSide {
  LongTalk() {
    auto [first, greeting] = visit();
    CHECK(greeting.at("next").is_null());
    write(*first);
    first->hang_up();
    auto& held = desk.only();
    for (int i = 1; i < 450; ++i) desk.answer(held, std::to_string(i));
    id = held.conversation.id.str();
    token = str(greeting.at("visitor"));
    std::tie(socket, welcome) = visit(token);
  }

  boost::json::object history(const std::string& conversation, const boost::json::value& before) {
    socket->say(boost::json::serialize(
        boost::json::object{{"type", "history"}, {"conversation", conversation}, {"before", before}}));
    for (;;) {
      auto frame = next(*socket);
      if (frame.at("type") == "history" || frame.at("type") == "error") return frame;
    }
  }

  std::string id;
  std::string token;
  std::shared_ptr<test::FakeWebSocket> socket;
  boost::json::object welcome;
};

const boost::json::array& messages(const boost::json::object& frame) {
  return frame.at("messages").as_array();
}

}  // namespace

TEST_CASE_FIXTURE(LongTalk, "from the welcome back to the beginning, each message once and in order") {
  REQUIRE(messages(welcome).size() == 200);
  CHECK(str(messages(welcome).front().at("text")) == "250");
  const auto second = history(id, welcome.at("next"));
  CHECK(str(second.at("conversation")) == id);
  REQUIRE(messages(second).size() == 200);
  CHECK(str(messages(second).front().at("text")) == "50");
  CHECK(str(messages(second).back().at("text")) == "249");
  const auto first = history(id, second.at("next"));
  REQUIRE(messages(first).size() == 50);
  CHECK(str(messages(first).front().at("text")) == "It leaks");
  CHECK(str(messages(first).back().at("text")) == "49");
  CHECK(first.at("next").is_null());
  const auto nothing = history(id, 1);
  CHECK(messages(nothing).empty());
  CHECK(nothing.at("next").is_null());
}

TEST_CASE_FIXTURE(LongTalk, "notes and answers held back are in no page, and a page of nothing else leads on") {
  auto& held = desk.only();
  for (std::size_t i = 50; i < 250; ++i) held.messages[i].direction = routing::Direction::note;
  held.messages[49].state = routing::MessageState::held;
  const auto second = history(id, welcome.at("next"));
  CHECK(messages(second).empty());
  const auto first = history(id, second.at("next"));
  CHECK(messages(first).size() == 49);
  CHECK(str(messages(first).back().at("text")) == "48");
}

TEST_CASE_FIXTURE(LongTalk, "of another's conversation nothing is told") {
  auto [stranger, greeting] = visit();
  stranger->say(boost::json::serialize(
      boost::json::object{{"type", "history"}, {"conversation", id}, {"before", welcome.at("next")}}));
  CHECK(next(*stranger).at("code") == "not_found");
  stranger->say(R"({"type":"message","key":"k1","text":"Mine"})");
  while (next_type(*stranger) != "queued") continue;
  stranger->say(boost::json::serialize(
      boost::json::object{{"type", "history"}, {"conversation", id}, {"before", welcome.at("next")}}));
  CHECK(next(*stranger).at("code") == "not_found");
  CHECK(history("c_none", 5).at("code") == "not_found");
}

TEST_CASE_FIXTURE(LongTalk, "a store that does not answer is told, and the same page comes later") {
  desk.down = true;
  CHECK(history(id, welcome.at("next")).at("code") == "unavailable");
  desk.down = false;
  CHECK(messages(history(id, welcome.at("next"))).size() == 200);
}

}  // namespace peyk::channels::chat
