// Commands typed at the terminal outlive a lost connection until they are answered.
#include "daemon/ctl/unanswered.h"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

namespace peyk::ctl {
namespace {

namespace json = boost::json;
using List = std::vector<std::string>;

json::object reply(std::string_view text) {
  return {{"type", "reply"}, {"key", text}, {"text", text}};
}

std::string key_of(const std::string& frame) {
  return json::value_to<std::string>(json::parse(frame).at("key"));
}

}  // namespace

TEST_CASE("what was typed before there was a connection leaves with it, in order, once") {
  Unanswered commands;
  commands.add({{"type", "accept"}, {"offer", "o_1"}});
  commands.add(reply("a"));
  const auto first = commands.connected();
  REQUIRE(first.frames.size() == 2);
  CHECK(json::parse(first.frames[0]).at("id") == "1");
  CHECK(key_of(first.frames[1]) == "a");
  CHECK(first.unknown.empty());
  commands.forget("1");
  commands.forget("2");
  CHECK(commands.connected().frames.empty());
}

TEST_CASE("a reply without an answer is sent again under its key, of all else its fate is said to be unknown") {
  Unanswered commands;
  for (const auto* text : {"a", "b"}) {
    commands.add(reply(text));
    commands.note_sent(commands.last_id());
  }
  commands.add({{"type", "resolve"}, {"conversation", "c_1"}});
  commands.note_sent(commands.last_id());
  commands.forget("1");
  CHECK(commands.replies() == 1);
  const auto again = commands.connected();
  REQUIRE(again.frames.size() == 1);
  CHECK(key_of(again.frames[0]) == "b");
  CHECK(again.unknown == List{"resolve"});
  CHECK(commands.connected().unknown.empty());
  CHECK(key_of(commands.connected().frames.at(0)) == "b");
  commands.forget("2");
  commands.forget("no number");
  CHECK(commands.replies() == 0);
}

TEST_CASE("a reply that was refused for now is sent again, once each time; of all else the refusal is the end") {
  Unanswered commands;
  for (const auto* text : {"a", "b"}) {
    commands.add(reply(text));
    commands.note_sent(commands.last_id());
  }
  commands.add({{"type", "resolve"}, {"conversation", "c_1"}});
  commands.note_sent("3");
  CHECK(!commands.any_unsent());
  CHECK(commands.refused_for_now("1"));
  CHECK(!commands.refused_for_now("3"));
  CHECK(!commands.refused_for_now("no number"));
  CHECK(commands.any_unsent());
  const auto again = commands.unsent();
  REQUIRE(again.size() == 1);
  CHECK(key_of(again[0]) == "a");
  CHECK(commands.unsent().empty());
  CHECK(commands.replies() == 2);
  CHECK(commands.connected().unknown.empty());
}

}  // namespace peyk::ctl
