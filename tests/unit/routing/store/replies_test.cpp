// The scripts' replies read into types.
#include "routing/store/replies.h"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

namespace peyk::routing::store {
namespace {

json::object parsed(const char* text) {
  return json::parse(text).as_object();
}

}  // namespace

TEST_CASE("a conversation is read with its long part") {
  const auto conversation = read_conversation(parsed(R"({
    "id":"c_1","reference":"PK-2","state":"active","queue":"service","kind":"chat","channel":"site-chat",
    "priority":"high","first_reply_by":1000,"resolve_by":2000,"contact":"p_1","initiator":"agent","agent":"ani",
    "created_at":500,"first_replied_at":600,"unanswered_since":700,"next_actor":"agent","next_at":800,
    "outcome":"solved","config_version":"cafe","language":"fa",
    "long":{"subject":"Leak","require":{"cooling":2},"prefer":[{"skills":{"fa":3},"for":60000}],"tags":["vip"],
            "fields":{"product":"cooler"},"participants":[{"kind":"email","value":"a@b.example","verified":true}],
            "followers":["mehri"],"related":["c_0"]}})"));
  CHECK(conversation.state == State::active);
  CHECK(conversation.kind == ChannelKind::chat);
  CHECK(conversation.priority == Priority::high);
  CHECK(conversation.promise.first_reply_by == from_unix_ms(1000));
  CHECK(conversation.next_at == from_unix_ms(800));
  CHECK(conversation.next_actor == NextActor::agent);
  CHECK(conversation.outcome == Outcome::solved);
  CHECK(conversation.subject == "Leak");
  CHECK(conversation.demand.require.at("cooling") == 2);
  REQUIRE(conversation.demand.prefer.size() == 1);
  CHECK(conversation.demand.prefer[0].insisted_for == std::chrono::seconds(60));
  CHECK(conversation.fields.at("product") == "cooler");
  CHECK(conversation.participants == std::vector{Identity{"email", "a@b.example", true}});
  CHECK(conversation.followers == std::vector{AgentName("mehri")});
  CHECK(conversation.related == std::vector{ConversationId("c_0")});
}

TEST_CASE("what is absent is empty") {
  const auto conversation = read_conversation(parsed(R"({"id":"c_1"})"));
  CHECK(conversation.agent.empty());
  CHECK_FALSE(conversation.next_at.has_value());
  CHECK_FALSE(conversation.outcome.has_value());
  CHECK(conversation.followers.empty());
  CHECK(read_message({}).attachments.empty());
  CHECK(read_agent({}).offers.empty());
}

TEST_CASE("a message is read with its body") {
  const auto message = read_message(parsed(R"({"id":"m_1","seq":3,"at":1000,"direction":"out",
    "author":{"kind":"agent","id":"ani","name":"Ani","verified":true},"channel":"mail","state":"failed",
    "detail":"no such user","body":{"text":"Hello","attachments":[{"id":"b_1","name":"a.png","type":"image/png",
    "size":7,"inline":true}]}})"));
  CHECK(message.seq == 3);
  CHECK(message.direction == Direction::out);
  CHECK(message.author.kind == ActorKind::agent);
  CHECK(message.author.verified);
  CHECK(message.state == MessageState::failed);
  CHECK(message.text == "Hello");
  REQUIRE(message.attachments.size() == 1);
  CHECK(message.attachments[0].size == 7);
  CHECK(message.attachments[0].inlined);
}

TEST_CASE("loads and capacities are hundredths in the store and units outside") {
  const auto agent = read_agent(parsed(R"({"agent":"ani","state":"break","load":150,"capacity":600,"since":5,
    "connected":true,"offers":["o_1"],"conversations":["c_1","c_2"]})"));
  CHECK(agent.presence == PresenceState::on_break);
  CHECK(agent.load == doctest::Approx(1.5));
  CHECK(agent.capacity == doctest::Approx(6));
  CHECK(agent.conversations.size() == 2);
}

TEST_CASE("values of another type are not there") {
  const auto object = parsed(R"({"text":7,"number":"7","list":{},"object":[],"on":1})");
  CHECK(text(object, "text").empty());
  CHECK(number(object, "number") == 0);
  CHECK(array_in(object, "list").empty());
  CHECK(object_in(object, "object").empty());
  CHECK(flag(object, "on"));
}

}  // namespace peyk::routing::store
