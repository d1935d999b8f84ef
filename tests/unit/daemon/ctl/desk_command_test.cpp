// What an agent types at the terminal, as frames.
#include "daemon/ctl/desk_command.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

namespace peyk::ctl {
namespace {

namespace json = boost::json;
using Kind = DeskCommand::Kind;

const Time kNow = from_unix_ms(1'795'321'560'000);

struct AtDesk {
  DeskView view{Style(false)};

  AtDesk() {
    view.on_event(json::parse(R"({"type":"welcome","agent":"ani","presence":"available","load":2,"capacity":6,
      "offers":[{"offer":"o_1","conversation":"c_2","reference":"PK-2","kind":"chat","queue":"service","contact":{"name":"Sara"},
                 "preview":"hello","waited":3,"history":{"count":0},"expires_at":"2026-11-22T05:00:00Z","why":"route 4"}],
      "conversations":[{"id":"c_1","reference":"PK-1","state":"active","channel":"support-mail","subject":"Cooler","messages":[]}]})"));
  }
  Result<DeskCommand> type(std::string_view line) { return parse_desk_command(line, view, kNow, "key-1"); }
  std::string frame(std::string_view line) {
    const auto command = type(line);
    return command ? json::serialize(command->frame) : "error: " + command.error().message;
  }
};

}  // namespace

TEST_CASE("presence and offers are answered without ids") {
  AtDesk desk;
  CHECK(desk.frame("available") == R"({"type":"presence","state":"available"})");
  CHECK(desk.frame("break lunch") == R"({"type":"presence","state":"break","reason":"lunch"})");
  CHECK(desk.frame("accept") == R"({"type":"accept","offer":"o_1"})");
  CHECK(desk.frame("decline not mine") == R"({"type":"decline","offer":"o_1","reason":"not mine"})");
  CHECK(desk.frame("accept 99").starts_with("error: there is no offer 99"));
}

TEST_CASE("a conversation is opened before it is answered") {
  AtDesk desk;
  CHECK(desk.frame("reply hello").starts_with("error: open a conversation first"));
  CHECK(desk.type("open 1")->kind == Kind::print);
  CHECK(desk.frame("reply hello\\nthere") ==
        R"({"type":"reply","conversation":"c_1","text":"hello\nthere","key":"key-1"})");
  CHECK(desk.frame("note careful") == R"({"type":"note","conversation":"c_1","text":"careful"})");
  CHECK(desk.frame("transfer billing please look") ==
        R"({"type":"transfer","conversation":"c_1","queue":"billing","note":"please look"})");
  CHECK(desk.frame("transfer @mehri") == R"({"type":"transfer","conversation":"c_1","agent":"mehri"})");
  CHECK(desk.frame("resolve solved") == R"({"type":"resolve","conversation":"c_1","outcome":"solved"})");
  CHECK(desk.frame("pending") == R"({"type":"pending","conversation":"c_1"})");
  CHECK(desk.frame("snooze 2h") == R"({"type":"snooze","conversation":"c_1","until":"2026-11-22T06:26:00.000Z"})");
  CHECK(desk.frame("snooze tomorrow").starts_with("error: say until when"));
  desk.view.on_event(json::parse(R"({"type":"message","conversation":"c_1","message":{"id":"m_7","direction":"in"}})"));
  CHECK(desk.frame("reply hello") ==
        R"({"type":"reply","conversation":"c_1","text":"hello","key":"key-1","seen":"m_7"})");
  CHECK(desk.frame("resolve solved") == R"({"type":"resolve","conversation":"c_1","seen":"m_7","outcome":"solved"})");
  CHECK(desk.frame("pending") == R"({"type":"pending","conversation":"c_1","seen":"m_7"})");
}

TEST_CASE("what cannot be understood is never sent to a customer") {
  AtDesk desk;
  REQUIRE(desk.type("open 1").has_value());
  CHECK(desk.frame("hello sara").starts_with("error: unknown command"));
  CHECK(desk.frame("reply").starts_with("error: say what"));
  CHECK(desk.type("")->kind == Kind::nothing);
  CHECK(desk.type("quit")->kind == Kind::quit);
}

}  // namespace peyk::ctl
