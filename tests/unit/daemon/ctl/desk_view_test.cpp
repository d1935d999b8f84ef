// What an agent sees at the terminal, event by event.
#include "daemon/ctl/desk_view.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

namespace peyk::ctl {
namespace {

namespace json = boost::json;

std::string on(DeskView& view, std::string_view event) {
  return view.on_event(json::parse(event));
}

constexpr std::string_view kWelcome =
    R"({"type":"welcome","agent":"ani","presence":"away","load":0,"capacity":6,"offers":[],"conversations":[]})";
constexpr std::string_view kOffer =
    R"({"type":"offer","offer":"o_1","conversation":"c_1","reference":"PK-1","kind":"form","queue":"service",
        "contact":{"name":"Sara"},"subject":"Cooler","preview":"It leaks","waited":61,"history":{"count":2},
        "expires_at":"2026-11-22T05:00:00Z","why":"route 2"})";

}  // namespace

TEST_CASE("an offer is shown with who, what, how long and why") {
  DeskView view{Style(false)};
  on(view, kWelcome);
  const auto lines = on(view, kOffer);
  for (const auto* part :
       {"form from Sara in service", "waited 1 min", "Cooler", "It leaks", "route 2", "earlier conversations: 2"}) {
    CAPTURE(part);
    CHECK(lines.find(part) != std::string::npos);
  }
  CHECK(on(view, kOffer).empty());
  CHECK(view.offer(std::nullopt) == "o_1");
}

TEST_CASE("a revoked offer is gone") {
  DeskView view{Style(false)};
  on(view, kWelcome);
  on(view, kOffer);
  CHECK(on(view, R"({"type":"revoked","offer":"o_1","reason":"expired"})") == "○ offer 1 is gone: expired");
  CHECK_FALSE(view.offer(std::nullopt).has_value());
}

TEST_CASE("what is assigned is open, grows with its messages, and leaves when it is resolved") {
  DeskView view{Style(false)};
  on(view, kWelcome);
  on(view, kOffer);
  on(view,
     R"({"type":"assigned","conversation":"c_1","detail":{"id":"c_1","reference":"PK-1","state":"active","subject":"Cooler","messages":[]}})");
  CHECK(view.open() == "c_1");
  CHECK_FALSE(view.offer(std::nullopt).has_value());
  on(view,
     R"({"type":"message","conversation":"c_1","message":{"id":"m_1","at":"2026-11-22T04:26:00Z","direction":"in","author":{"name":"Sara"},"text":"two\nlines"}})");
  CHECK(view.show(std::nullopt).find("two\n  lines") != std::string::npos);
  CHECK(view.prompt() == "ani away, 1 open [PK-1] > ");
  CHECK(on(view, R"({"type":"updated","conversation":"c_1","state":"resolved"})") == "PK-1 is resolved");
  CHECK(view.open().empty());
  CHECK(view.prompt() == "ani away > ");
}

TEST_CASE("a visitor without a name is a customer") {
  DeskView view{Style(false)};
  on(view, kWelcome);
  CHECK(on(view, R"({"type":"offer","offer":"o_1","kind":"chat","queue":"service","contact":{},"preview":"Hello?",
                     "waited":0,"expires_at":"2026-11-22T05:00:00Z"})")
            .starts_with("● offer 1: chat from a customer in service"));
  CHECK(on(view, R"({"type":"message","conversation":"c_1","message":{"at":"2026-11-22T04:26:00Z","direction":"in",
                     "author":{"name":""},"text":"Hello?"}})")
            .ends_with(" customer\n  Hello?"));
}

TEST_CASE("after a lost connection the welcome is the truth, and numbers stay") {
  DeskView view{Style(false)};
  const std::string_view welcome =
      R"({"type":"welcome","agent":"ani","presence":"available","load":1,"capacity":6,"offers":[],
          "conversations":[{"id":"c_7","reference":"PK-7","state":"active","messages":[]}]})";
  on(view, welcome);
  CHECK(view.select(1));
  on(view, welcome);
  CHECK(view.open() == "c_7");
  CHECK(view.select(1));
  CHECK_FALSE(view.select(2));
}

TEST_CASE("a customer's control characters do not reach the terminal") {
  DeskView view{Style(false)};
  on(view, kWelcome);
  const auto lines =
      on(view, R"({"type":"message","conversation":"c_1","message":{"direction":"in","text":"a\u001b[2Jb"}})");
  CHECK(lines.find('\x1b') == std::string::npos);
}

}  // namespace peyk::ctl
