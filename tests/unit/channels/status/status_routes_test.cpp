// What a customer sees of his conversation by its link, until the link ends.
#include "channels/status/status_routes.h"

#include <doctest/doctest.h>

#include "channels/status/next_step.h"
#include "channels/status/status_page.h"
#include "tests/support/config_text.h"
#include "tests/support/customer_http.h"

namespace peyk::channels::status {
namespace {

using net::Method;

struct StatusSide : test::CustomerSide {
  config::ConfigPtr config = test::load_right(test::minimal_with(
      "queues:\n  service:",
      "timezone: Asia/Tehran\nhours:\n  day: {timezone: Asia/Tehran, week: {sat-wed: \"09:00-17:00\"}}\n"
      "queues:\n  service:\n    hours: day"));
  std::unique_ptr<StatusRoutes> status = create_status_routes(context(), config);

  test::FakeDesk::Held& write(const std::string& text) {
    routing::Inbound message;
    message.channel = ChannelName("site-chat");
    message.delivery_key = text;
    message.sender = {"email", "s@kouh.example", false};
    message.sender_name = "Sara";
    message.text = text;
    message.attachments.push_back({routing::BlobId("b_1"), "leak.png", "image/png", 3, false});
    blobs.contents[routing::BlobId("b_1")] = "PNG";
    REQUIRE(loop.run(desk.receive(message)).has_value());
    auto& held = desk.only();
    held.conversation.promise = {clock.now() + std::chrono::minutes(2), clock.now() + std::chrono::hours(48)};
    return held;
  }
  std::string page(const std::string& target) {
    const auto response = ask(Method::get, target, {{"Accept", "text/html"}});
    CHECK(response.status == 200);
    CHECK(response.headers.get("Cache-Control") == "no-store");
    CHECK(response.headers.get("X-Robots-Tag") == "noindex");
    return response.body;
  }
};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the status in JSON says state, place, promise, hours and messages, and never notes") {
  StatusSide side;
  auto& held = side.write("It <b>leaks");
  held.wait = routing::WaitEstimate{60, 125};
  side.desk.answer(held, "secret", routing::Direction::note);
  const auto response = side.ask(Method::get, "/status/" + held.status_token);
  CHECK(response.status == 200);
  CHECK(response.headers.get("Cache-Control") == "no-store");
  const auto body = side.json(response);
  CHECK(body.at("state") == "waiting");
  CHECK(body.at("position") == 1);
  CHECK(body.at("wait").at("p90") == 125);
  CHECK(body.at("agent").is_null());
  CHECK(body.at("promise").at("first_reply_by") == "2026-11-22T04:28:00.000Z");
  CHECK(body.at("next").at("actor") == "team");
  CHECK(body.at("hours").at("open") == false);
  CHECK(body.at("hours").at("next") == "2026-11-22T05:30:00.000Z");
  REQUIRE(body.at("messages").as_array().size() == 1);
  CHECK(body.at("messages").at(0).at("from") == "visitor");
  CHECK_FALSE(has(response.body, "secret"));
}

TEST_CASE("the page shows the same in three languages, with the reader's calendar and digits") {
  StatusSide side;
  auto& held = side.write("It <b>leaks");
  side.desk.assign(held, "Ani Sarkissian");
  side.desk.answer(held, "secret", routing::Direction::note);
  side.desk.answer(held, "Which model?");
  const auto english = side.page("/status/" + held.status_token + "?lang=en");
  CHECK(has(english, "An agent is working on it"));
  CHECK(has(english, "Ani Sarkissian has your matter"));
  CHECK(has(english, "You get an answer by 22 November 2026 at 07:58."));
  CHECK(has(english, "It &lt;b&gt;leaks"));
  CHECK(has(english, "Which model?"));
  CHECK_FALSE(has(english, "secret"));
  CHECK(has(side.page("/status/" + held.status_token + "?lang=fa"), "۱ آذر ۱۴۰۵"));
  CHECK(has(side.page("/status/" + held.status_token + "?lang=hy"), "22 նոյեմբերի"));
}

TEST_CASE("page and JSON say when earlier messages are left out") {
  StatusSide side;
  routing::StatusView view;
  view.conversation = side.write("It leaks").conversation;
  const auto& words = pages::kEnglish;
  for (const bool left_out : {false, true}) {
    view.truncated = left_out;
    const auto next = next_step(view, {}, words, "Asia/Tehran", side.clock.now());
    CHECK(has(status_page(view, next, words, "Asia/Tehran", "t").body, words.status.earlier) == left_out);
    CHECK(status_json(view, next, {}).contains("truncated") == left_out);
  }
}

TEST_CASE("each state says what happens next and by when") {
  StatusSide side;
  auto& held = side.write("It leaks");
  const auto& words = pages::kEnglish;
  routing::StatusView view;
  view.conversation = held.conversation;
  const auto tell = [&](routing::State state, const Opening& opening = {}) {
    view.conversation.state = state;
    return next_step(view, opening, words, "Asia/Tehran", side.clock.now());
  };
  using routing::State;
  CHECK(tell(State::waiting, {false, side.clock.now()}).lines.front() ==
        "We are closed now. We open again on 22 November 2026 at 07:56.");
  CHECK(tell(State::waiting).by == view.conversation.promise.first_reply_by);
  CHECK(tell(State::offered).actor == "team");
  view.conversation.first_replied_at = side.clock.now();
  CHECK(tell(State::active).by == view.conversation.promise.resolve_by);
  view.conversation.next_at = side.clock.now();
  CHECK(tell(State::pending).actor == "customer");
  CHECK(tell(State::pending).by == side.clock.now());
  CHECK(tell(State::snoozed).lines.back() == "We take it up again on 22 November 2026 at 07:56.");
  CHECK(tell(State::resolved).actor == "nobody");
  CHECK_FALSE(tell(State::closed).by.has_value());
}

TEST_CASE("what was promised and has passed is not promised again") {
  StatusSide side;
  const auto now = side.clock.now();
  const auto in = [now](int minutes) { return now + std::chrono::minutes(minutes); };
  routing::StatusView view;
  auto& conversation = view.conversation;
  const auto tell = [&](routing::State state) {
    conversation.state = state;
    return next_step(view, {}, pages::kEnglish, "Asia/Tehran", now);
  };
  using routing::State;
  conversation.promise = {in(-60), in(60)};
  conversation.unanswered_since = in(-120);
  conversation.next_at = in(5);
  SUBCASE("an answer that is late") {
    for (const auto state : {State::waiting, State::offered, State::active}) {
      const auto late = tell(state);
      CHECK(late.by == in(5));
      CHECK(late.actor == "team");
      CHECK(late.lines.back() == "We take it up again on 22 November 2026 at 08:01.");
    }
  }
  SUBCASE("written again after an answer") {
    conversation.first_replied_at = in(-90);
    conversation.answer_due = in(7);
    CHECK(tell(State::waiting).by == in(7));
    CHECK(tell(State::waiting).lines.back() == "You get an answer by 22 November 2026 at 08:03.");
    conversation.answer_due = in(-1);
    CHECK(tell(State::waiting).by == in(5));
  }
  SUBCASE("answered, and not solved in time") {
    conversation.first_replied_at = in(-90);
    conversation.unanswered_since.reset();
    conversation.next_actor = routing::NextActor::customer;
    CHECK(tell(State::active).by == in(60));
    CHECK(tell(State::active).actor == "customer");
    conversation.promise.resolve_by = in(-1);
    CHECK(tell(State::active).by == in(5));
    conversation.next_at = in(-1);
    CHECK_FALSE(tell(State::active).by.has_value());
  }
}

TEST_CASE("a file is handed out to who has the link of a conversation that names it") {
  StatusSide side;
  auto& held = side.write("It leaks");
  const auto file = side.ask(Method::get, "/status/" + held.status_token + "/attachments/b_1");
  CHECK(file.status == 200);
  CHECK(file.body == "PNG");
  CHECK(side.ask(Method::get, "/status/" + held.status_token + "/attachments/b_2").status == 404);
  CHECK(side.ask(Method::get, "/status/other/attachments/b_1").status == 404);
}

TEST_CASE("unknown and malformed tokens are 404, a store that is down 503, and neither is kept") {
  StatusSide side;
  side.write("It leaks");
  for (const auto& token : {std::string("status-9"), std::string(300, 'a'), std::string("a b"), std::string("%00")}) {
    CAPTURE(token);
    const auto response = side.ask(Method::get, "/status/" + token);
    CHECK(response.status == 404);
    CHECK(response.headers.get("Cache-Control") == "no-store");
    CHECK(side.ask(Method::get, "/status/" + token, {{"Accept", "text/html"}}).status == 404);
  }
  side.desk.down = true;
  const auto down = side.ask(Method::get, "/status/status-1", {{"Accept", "text/html"}});
  CHECK(down.status == 503);
  CHECK(down.headers.has("Retry-After"));
}

TEST_CASE("a link that has ended is 410, with a page that says what to do in the reader's language") {
  StatusSide side;
  auto& held = side.write("It leaks");
  held.ended = true;
  const auto path = "/status/" + held.status_token;
  CHECK(side.ask(Method::get, path).status == 410);
  CHECK(side.ask(Method::get, path + "/attachments/b_1").status == 410);
  const auto page = side.ask(Method::get, path + "?lang=en", {{"Accept", "text/html"}});
  CHECK(page.status == 410);
  CHECK(has(page.body, "Please write to us again"));
  CHECK(has(side.ask(Method::get, path + "?lang=fa", {{"Accept", "text/html"}}).body, "دوباره برای ما بنویسید"));
  CHECK(has(side.ask(Method::get, path + "?lang=hy", {{"Accept", "text/html"}}).body, "նորից գրել մեզ"));
}

TEST_CASE("a link is read so often and no more, whatever else its network reads") {
  StatusSide side;
  const auto path = "/status/" + side.write("It leaks").status_token;
  int shown = 0;
  while (shown < 1000 && side.ask(Method::get, path).status == 200) ++shown;
  CHECK(shown == 120);
  side.desk.down = true;  // who is told to wait has not been looked up
  const auto refused = side.ask(Method::get, path + "/attachments/b_1");
  CHECK(refused.status == 429);
  CHECK(refused.headers.has("Retry-After"));
  CHECK(side.ask(Method::get, path, {{"Accept", "text/html"}}).status == 429);
  side.desk.down = false;
  int others = 0;
  while (others < 5000 && side.ask(Method::get, "/status/t" + std::to_string(others)).status == 404) ++others;
  CHECK(others == 1000 - shown);
  CHECK(side.ask(Method::get, "/status/other", {}, {}, "198.51.100.7").status == 404);
  side.clock.advance(std::chrono::minutes(1));
  CHECK(side.ask(Method::get, path).status == 200);
}

}  // namespace peyk::channels::status
