// Which rule a message would hit, what it would ask for, and who could take it at each step.
#include "routing/route_preview.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "tests/support/config_text.h"

namespace peyk::routing {
namespace {

namespace json = boost::json;

const Time kNow = parse_rfc3339("2026-07-15T09:00:00Z").value();  // a Wednesday in summer

constexpr auto kDesk = R"(version: 1
redis: {url: "unix:///run/redis.sock"}
http: {listen: "127.0.0.1:0"}
channels:
  contact-form: {kind: form, fields: {product: {choices: [cooler, blender]}}}
  site-chat: {kind: chat}
hours:
  day: {timezone: UTC, week: {mon-fri: "09:00-17:00"}}
skills: [cooling, fa, hy]
queues:
  service: {promise: {first_reply: 2m, resolve: 2d}, hours: day}
  billing: {promise: {first_reply: 4h, resolve: 3d}}
routes:
  - when: {channel: contact-form, field.product: cooler}
    name: coolers
    queue: service
    require: {cooling: 2}
    prefer: [{skills: {fa: 3}, for: 60s}, {skills: {cooling: 5}, for: 30s}]
    rings: [{queue: billing, after: 5m}]
    bands: {cooling: [5, 3]}
    promise: {first_reply: 1m, resolve: 1d}
    priority: high
  - when: {contact_tag: vip}
    queue: billing
  - when: {language: hy}
    queue: service
    require: {language: 3}
    prefer: [{skills: {hy: 9}, for: 60s, unless: rostered}]
  - when: {date: 12-01..12-31, sender: "@bank", subject: gift, text: now}
    queue: billing
  - queue: service
agents:
  ani: {name: Ani, skills: {cooling: 5, hy: 5}, queues: [service], capacity: 4}
  farid: {name: Farid, skills: {cooling: 2, fa: 4}, queues: [service], capacity: 4}
  mehri: {name: Mehri, skills: {cooling: 3}, queues: [billing], capacity: 4, kinds: {chat: {max: 0}}}
)";

struct Desk {
  Settings settings{test::load_right(kDesk)};

  RouteQuestion form(std::map<std::string, std::string> fields = {}) const {
    RouteQuestion question;
    question.channel = ChannelName("contact-form");
    question.language = "en";
    question.fields = std::move(fields);
    return question;
  }
  json::object ask(const RouteQuestion& question) {
    const auto answer = preview_route(settings, question, kNow);
    REQUIRE_MESSAGE(answer.has_value(), answer.error().message);
    return *answer;
  }
  std::int64_t rule(const RouteQuestion& question) { return ask(question).at("rule").at("number").to_number<int>(); }
  std::string refusal(const RouteQuestion& question) {
    const auto answer = preview_route(settings, question, kNow);
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error().code == ErrorCode::unprocessable);
    return answer.error().message;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Desk, "the rule, its place, queue, demand, priority and promise are told") {
  const auto answer = ask(form({{"product", "cooler"}}));
  CHECK(answer.at("rule").at("number") == 1);
  CHECK(answer.at("rule").at("name") == "coolers");
  CHECK(answer.at("rule").at("place").as_string().find(":14:") != std::string::npos);
  CHECK(answer.at("queue") == "service");
  CHECK(answer.at("open") == true);
  CHECK(answer.at("kind") == "form");
  CHECK(answer.at("priority") == "high");
  CHECK(answer.at("demand") == json::parse(R"({"require":{"cooling":2},
    "prefer":[{"skills":{"fa":3},"for":60.0,"unless":"never"},{"skills":{"cooling":5},"for":30.0,"unless":"never"}],
    "rings":[{"queue":"billing","after":300.0}],"bands":{"cooling":[5,3]}})"));
  CHECK(answer.at("promise").at("first_reply") == 60.0);
  CHECK(answer.at("promise").at("first_reply_by") == "2026-07-15T09:01:00.000Z");
}

TEST_CASE_FIXTURE(Desk, "each step of its relaxation comes with those who could take it, and what the others lack") {
  const auto steps = ask(form({{"product", "cooler"}})).at("steps").as_array();
  REQUIRE(steps.size() == 4);
  const auto step = [&steps](std::size_t at) { return steps[at].as_object(); };
  CHECK(step(0).at("require") == json::parse(R"({"cooling":5,"fa":3})"));
  CHECK(step(0).at("agents") == json::parse(R"({"could":0,"queue":1,"skill":2,"room":0})"));
  CHECK(step(1).at("after") == 60.0);
  CHECK(step(1).at("require") == json::parse(R"({"cooling":5})"));
  CHECK(step(1).at("agents").at("could") == 1);
  CHECK(step(2).at("after") == 90.0);
  CHECK(step(2).at("agents").at("could") == 2);
  CHECK(step(3).at("after") == 300.0);
  CHECK(step(3).at("queues") == json::parse(R"(["service","billing"])"));
  CHECK(step(3).at("agents").at("could") == 3);
}

TEST_CASE_FIXTURE(
    Desk, "a preference that nobody in the roster has is not waited for; who takes none of a kind is too small") {
  auto armenian = form();
  armenian.language = "hy";
  const auto answer = ask(armenian);
  CHECK(answer.at("demand").at("require") == json::parse(R"({"hy":3})"));
  CHECK(answer.at("steps").as_array().size() == 1);
  RouteQuestion chat;
  chat.channel = ChannelName("site-chat");
  chat.contact_tags = {"vip"};
  CHECK(ask(chat).at("steps").at(0).at("agents") == json::parse(R"({"could":0,"queue":2,"skill":0,"room":1})"));
}

TEST_CASE("a preference is waited for when somebody has it, though he take none of this kind") {
  std::string text = kDesk;
  const auto replace = [&text](std::string_view what, std::string_view with) {
    text.replace(text.find(what), what.size(), with);
  };
  replace("hy: 9", "hy: 5");
  replace("queues: [service], capacity: 4}", "queues: [service], capacity: 4, kinds: {chat: {max: 0}}}");
  Settings settings{test::load_right(text)};
  RouteQuestion question;
  question.channel = ChannelName("site-chat");
  question.language = "hy";
  const auto answer = preview_route(settings, question, kNow);
  REQUIRE_MESSAGE(answer.has_value(), answer.error().message);
  const auto& steps = answer->at("steps").as_array();
  REQUIRE(steps.size() == 2);
  CHECK(steps.at(0).at("require") == json::parse(R"({"hy":5})"));
  CHECK(steps.at(0).at("agents").at("room") == 1);
  CHECK(steps.at(1).at("after") == 60.0);
}

TEST_CASE_FIXTURE(Desk, "tags, language of the text, sender, subject and the date decide as for a message") {
  auto question = form();
  CHECK(rule(question) == 5);
  question.contact_tags = {"vip"};
  CHECK(rule(question) == 2);
  question = form();
  question.language.clear();
  question.text = "Բարև ձեզ, իմ սառնարանը այլևս չի աշխատում, խնդրում եմ օգնեք ինձ։";
  CHECK(rule(question) == 3);
  question = form();
  question.sender = "a@bank.example";
  question.subject = "a gift";
  question.text = "and now";
  CHECK(rule(question) == 5);
  question.at = parse_rfc3339("2026-12-06T09:00:00Z").value();  // a Sunday
  CHECK(rule(question) == 4);
}

TEST_CASE_FIXTURE(Desk, "what there is not is named") {
  auto question = form();
  question.channel = ChannelName("fax");
  CHECK(refusal(question) == "channel: there is no channel fax; there are contact-form, site-chat");
  CHECK(refusal(form({{"colour", "red"}})) == "fields.colour: channel contact-form has no field colour");
  question = form();
  question.language = "F1";
  CHECK(refusal(question).starts_with("language:"));
}

}  // namespace peyk::routing
