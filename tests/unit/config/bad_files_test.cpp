// What is wrong with a file, and where: each case changes one thing in the least configuration that loads.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "config/loader.h"
#include "tests/support/config_text.h"

namespace peyk::config {
namespace {

using test::errors_of;
using test::load_lenient;

struct Case {
  std::string from;
  std::string to;
  std::string problem;  // without "peyk.yaml:"
};

void check_errors(const std::vector<Case>& cases) {
  for (const auto& one : cases) {
    const auto result = load_lenient(test::minimal_with(one.from, one.to));
    CAPTURE(one.to);
    CHECK_FALSE(result.ok());
    CHECK(fmt::format("{}", fmt::join(errors_of(result), "\n")) == "peyk.yaml:" + one.problem);
  }
}

void check_warnings(const std::vector<Case>& cases) {
  for (const auto& one : cases) {
    const auto result = load_lenient(test::minimal_with(one.from, one.to));
    CAPTURE(one.to);
    CHECK(errors_of(result).empty());
    const auto warnings = test::warnings_of(result);
    CAPTURE(warnings);
    CHECK(std::find(warnings.begin(), warnings.end(), "peyk.yaml:" + one.problem) != warnings.end());
  }
}

const std::string kPromise = "{first_reply: 2m, resolve: 2d}";
const std::string kEnd = "capacity: 4}";
const std::string kChat = "site-chat: {kind: chat}";
const std::string kMail =
    "mail: {kind: email, address: a@x.example, lmtp: {listen: \"tcp:127.0.0.1:2424\"}, smtp: {url: \"maildir:out\"}}";

}  // namespace

TEST_CASE("a key that nobody knows is refused, with the nearest one that is known") {
  check_errors({
      {"capacity: 4", "capacty: 4", R"(13:61: unknown key "capacty"; did you mean "capacity"?)"},
      {"    promise:", "    wrapup: 3s\n    promise:", R"(9:5: unknown key "wrapup"; did you mean "wrap_up"?)"},
      {kEnd, "capacity: 4}\nplugh: 1", R"(14:1: unknown key "plugh")"},
      {"{kind: chat}", "{kind: chat, address: a@b}",
       R"(5:27: unknown key "address"; there are kind, locale, language, origins, visitor_lifetime, limits)"},
  });
}

TEST_CASE("a key that is missing is missed where it should be") {
  check_errors({
      {"version: 1\n", "", R"(1:1: "version" is missing)"},
      {kPromise, "{first_reply: 2m}", R"(9:14: "resolve" is missing)"},
      {kPromise, "{first_reply: 2m, resolve: null}", R"(9:32: "resolve" is missing)"},
      {"{kind: chat}", "{origins: []}", R"(5:14: "kind" is missing: email, chat or form)"},
      {"{url: \"unix:///run/redis.sock\"}", "{}", R"(2:1: "url" is missing (or "embedded: true"))"},
  });
}

TEST_CASE("a key that is there twice is refused, and its first place named") {
  check_errors({
      {kEnd, "capacity: 4, capacity: 5}", R"(13:74: "capacity" is there twice: first at line 13, column 61)"},
      {"agents:", "skills: [x]\nagents:", R"(12:1: "skills" is there twice: first at line 6, column 1)"},
  });
}

TEST_CASE("values of the wrong type or out of range are refused where they stand") {
  check_errors({
      {"version: 1", "version: 2", R"(1:10: this program reads version 1 of the format: write "version: 1")"},
      {"first_reply: 2m", "first_reply: 120", R"(9:28: "120" is not a duration such as 90s, 15m, 4h, 2d or 1h30m)"},
      {"first_reply: 2m", "first_reply: 0s", "9:28: 0s is not from 1s to 365d"},
      {"cooling: 3", "cooling: 11", "13:38: 11 is not from 1 to 10"},
      {"cooling: 3", "cooling: three", R"(13:38: "three": expected a whole number from 1 to 10)"},
      {"cooling: 3", "cooling: [3]", "13:38: expected a whole number from 1 to 10"},
      {"capacity: 4", "capacity: 0", "13:71: 0: units go from 0.01 to 1000 in hundredths"},
      {"capacity: 4", "capacity: 1.005", "13:71: 1.005: units go from 0.01 to 1000 in hundredths"},
      {"capacity: 4", "capacity: nan", R"(13:71: "nan": expected a number from 0 to 1000)"},
      {"queues: [service]", "queues: service", "13:50: expected a list"},
      {"[cooling, en, fa]", "[cooling, en, fa, en]", R"(6:27: "en" is in this list twice)"},
      {"{kind: chat}", "{kind: fax}", R"(5:21: unknown value "fax"; there are email, chat, form)"},
      {"{kind: chat}", "{kind: chat, locale: fa_IR}",
       R"(5:35: "fa_IR" is no language: write fa, hy, en, without a region)"},
      {"{kind: chat}", "{kind: chat, origins: [kouh.example]}",
       R"(5:37: "kouh.example" is not an origin such as https://shop.example (scheme, host and port, nothing else))"},
      {"{kind: chat}", "{kind: chat, limits: {messages: 3}}", R"(5:46: "3" is no rate such as 30/1m)"},
      {"\"127.0.0.1:0\"", "\"localhost:0\"",
       R"(3:16: "localhost:0" is not an address and port such as 127.0.0.1:8080 or [::1]:8080)"},
      {"\"127.0.0.1:0\"", "\"127.0.0.1:65536\"",
       R"(3:16: "127.0.0.1:65536" is not an address and port such as 127.0.0.1:8080 or [::1]:8080)"},
      {"site-chat:", "Site Chat:",
       R"(5:3: "Site Chat" is no name: lower-case letters, digits, - and _, up to 63 of them)"},
      {"redis.sock\"", "redis.sock\", durability: disc", R"(2:52: unknown value "disc"; did you mean "disk"?)"},
      {"redis.sock\"", "redis.sock\", timeout: 2h", "2:49: 2h is not from 50ms to 1m"},
      {"unix:///run", "http://run", "2:14: expected redis://HOST:PORT/DB, rediss://HOST:PORT/DB or unix:///PATH"},
      {"unix:///run/redis.sock", "redis://u:pw@h",
       "2:14: a password does not belong here: put it into a file and name that in \"password_file\""},
  });
}

TEST_CASE("a number with a leading zero is refused, not read as octal") {
  check_errors({
      {"cooling: 3", "cooling: 010", R"(13:38: "010": a leading zero could mean octal: write 10)"},
  });
}

TEST_CASE("columns are counted in characters, not in bytes") {
  check_errors({
      {"name: Ani,", "name: آنی, capcity: 1,", R"(13:20: unknown key "capcity"; did you mean "capacity"?)"},
  });
}

TEST_CASE("names must be declared before somebody counts on them") {
  check_errors({
      {"  - queue: service", "  - queue: servise", R"(11:12: unknown queue "servise"; did you mean "service"?)"},
      {"cooling: 3", "colling: 3", R"(13:29: unknown skill "colling"; did you mean "cooling"?)"},
      {kPromise, kPromise + "\n    hours: tehran", R"(10:12: unknown hours "tehran")"},
      {kEnd, "capacity: 4, supervisor: mehri}", R"(13:86: unknown agent "mehri"; there are ani)"},
      {"  - queue", "  - when: {channel: mail}\n    queue: service\n  - queue",
       R"(11:21: unknown channel "mail"; there are site-chat)"},
      {"  - queue", "  - when: {field.product: x}\n    queue: service\n  - queue",
       R"(11:12: unknown form field "product"; there are email, message, name, subject)"},
      {"queues:\n", "retired_queues: {old: {move_to: older}}\nqueues:\n",
       R"(7:33: unknown queue "older"; there are service)"},
  });
}

TEST_CASE("routes end with one that matches everything") {
  check_errors({
      {"- queue: service", "- when: {kind: chat}\n    queue: service",
       R"(11:5: the last route must match everything: add one with a queue and no "when")"},
      {"routes:\n  - queue: service", "routes: []", "10:1: no route: add one at the end that matches everything"},
  });
  check_warnings({
      {"- queue: service", "- queue: service\n  - queue: service",
       "12:5: never reached: the route at line 11 matches everything"},
  });
}

TEST_CASE("a regular expression that RE2 refuses is refused with its reason") {
  check_errors({
      {"  - queue", "  - when: {subject: \"(a\"}\n    queue: service\n  - queue",
       "11:21: the regular expression is wrong: missing ): (a"},
      {"  - queue", "  - when: {subject: \"(?=a)\"}\n    queue: service\n  - queue",
       "11:21: the regular expression is wrong: invalid perl operator: (?="},
  });
}

TEST_CASE("hours: zones that are known, days and times that make sense") {
  const auto hours = [](const std::string& rest) { return "capacity: 4}\nhours:\n  shop: " + rest; };
  check_errors({
      {kEnd, hours("{timezone: Asia/Teheran, week: {mon: \"09:00-17:00\"}}"),
       R"(15:20: "Asia/Teheran" is not a time zone such as Asia/Tehran)"},
      {kEnd, hours("{timezone: UTC, week: {moon: \"09:00-17:00\"}}"),
       R"(15:32: "moon" is not days such as sat-wed or thu)"},
      {kEnd, hours("{timezone: UTC, week: {mon: \"9-17\"}}"),
       R"(15:37: "9-17" is not opening times such as 09:00-17:00)"},
      {kEnd, hours("{timezone: UTC, week: {mon: \"09:00-24:01\"}}"),
       R"(15:37: "09:00-24:01" is not opening times such as 09:00-17:00)"},
      {kEnd, hours("{timezone: UTC, week: {mon: \"09:60-17:00\"}}"),
       R"(15:37: "09:60-17:00" is not opening times such as 09:00-17:00)"},
      {kEnd, hours("{timezone: UTC, week: {mon: \"24:00-06:00\"}}"),
       R"(15:37: "24:00-06:00" is not opening times such as 09:00-17:00)"},
  });
}

TEST_CASE("hours whose spans overlap, or name a day twice, are refused") {
  const auto hours = [](const std::string& week) {
    return "capacity: 4}\nhours:\n  shop: {timezone: UTC, week: " + week + "}";
  };
  check_errors({
      {kEnd, hours("{mon: \"09:00-13:00, 12:00-17:00\"}"), "15:31: opening times overlap on mon"},
      {kEnd, hours("{mon: \"22:00-09:30\", tue: \"09:00-17:00\"}"), "15:31: opening times overlap on mon"},
      {kEnd, hours("{sat-wed: \"09:00-17:00\", mon: \"09:00-13:00\"}"), "15:56: mon is given twice in this week"},
      {kEnd, hours("{mon: \"09:00-17:00\"}, holidays: [02-30]"), R"(15:64: "02-30" names no such day)"},
      {kEnd, hours("{mon: \"09:00-17:00\"}, holidays: [2027-03-22..2027-03-21]"),
       R"(15:64: "2027-03-22..2027-03-21" ends before it begins)"},
  });
}

TEST_CASE("overflows must not run in a circle, nor say nothing or two things") {
  check_errors({
      {kPromise,
       kPromise + "\n    overflow: [{when: {waiting: 5}, to: b}]\n  b:\n    promise: " + kPromise +
           "\n    overflow: [{when: {wait: 5m}, to: service}]",
       "13:5: a cycle of overflows: service → b → service"},
      {kPromise, kPromise + "\n    overflow: [{when: {waiting: 5}, to: service}]",
       "10:5: a cycle of overflows: service → service"},
      {kPromise, kPromise + "\n    overflow: [{when: {waiting: 5}}]",
       R"(10:16: an overflow has either "to" or "answer")"},
      {kPromise, kPromise + "\n    overflow: [{when: {}, answer: hello}]",
       "10:23: this overflow would always hold: name a condition"},
      {kPromise, kPromise + "\n    overflow: [{when: {hours: closed}, answer: hello}]",
       R"(10:5: queue "service" has no hours, so "hours: closed" never holds)"},
  });
}

TEST_CASE("channels need what they stand on, and share nothing") {
  check_errors({
      {"http: {listen: \"127.0.0.1:0\"}\n", "",
       R"(4:3: channel "site-chat" needs "http.listen": a chat comes in over HTTP)"},
      {kChat,
       kChat + "\n  " + kMail +
           "\n  b: {kind: email, address: B@x.example, lmtp: {listen: \"tcp:127.0.0.1:2424\"}, "
           "smtp: {url: \"maildir:out\"}}",
       "7:57: tcp:127.0.0.1:2424 is \"mail\"'s already"},
      {kChat,
       kChat + "\n  " + kMail + "\n  b: {kind: email, address: A@x.example, imap: null, smtp: {url: \"maildir:o\"}}",
       R"(7:29: A@x.example is the address of "mail" already)"},
      {kChat, kChat + "\n  m: {kind: email, address: a@x.example, lmtp: {listen: \"unix:/run/l\"}}",
       R"(6:3: "smtp" is missing: answers could not be sent)"},
      {kChat, "f: {kind: form, reply_via: f}", R"(5:30: "f" is no mail channel)"},
      {kChat,
       "f: {kind: form}\n  " + kMail +
           "\n  n: {kind: email, address: n@x.example, lmtp: {listen: \"unix:/run/l\"}, smtp: {url: \"maildir:out\"}}",
       R"(5:3: "reply_via" is missing: there are several mail channels (mail, n))"},
      {kChat, "f: {kind: form, fields: {email: {}}}", R"(5:28: every form has the field "email" by itself)"},
      {kChat, kMail.substr(0, kMail.size() - 2) + ", user: a}}", R"(5:83: "user" needs a "password_file")"},
  });
}

TEST_CASE("what can never be is refused") {
  check_errors({
      {kPromise, "{first_reply: 3d, resolve: 2d}", R"(9:28: longer than "resolve")"},
      {kPromise, kPromise + "\n    offer: {cooldown: 20m}", R"(10:23: longer than "cooldown_max")"},
      {"capacity: 4", "capacity: 0.5",
       "13:71: a capacity of 0.5 is less than one conversation weighs: chat (1): he could take nothing"},
      {kEnd, "capacity: 4, supervisor: ani}", "13:86: an agent cannot be his own supervisor"},
      {kEnd, "capacity: 4}\nkinds: {chat: {weight: 1, dormant_weight: 2}}",
       "14:43: a dormant conversation cannot weigh more than an active one"},
      {kEnd, "capacity: 4}\nkinds: {chat: {interrupts: [chat]}}", "14:28: a kind cannot interrupt itself"},
      {"- queue: service", "- queue: service\n    rings: [{queue: service, after: 5m}]",
       R"(12:5: a ring to its own queue "service")"},
      {"queues:\n", "retired_queues: {service: {move_to: service}}\nqueues:\n",
       R"(7:18: "service" is among "queues" too: it is either there or retired)"},
      {"redis: {url: \"unix:///run/redis.sock\"}", "redis: {url: \"unix:///run/redis.sock\", embedded: true}",
       R"(2:14: either "url" or "embedded: true", not both)"},
      {"[cooling, en, fa]", "[cooling, en, fa, language]",
       R"(6:9: "language" stands for a conversation's own language: name the languages themselves)"},
      {"skills: {cooling: 3}", "skills: {cooling: 3, language: 3}",
       R"(13:51: "language" stands for a conversation's own language: name the languages he speaks)"},
  });
}

TEST_CASE("all that is wrong is reported at once, from the top down") {
  auto text = test::minimal_with("version: 1", "version: one");
  text += "  mehri: {name: Mehri, skills: {frost: 0}, queues: [sales], capacity: many, rank: 1}\n";
  const auto errors = errors_of(load_lenient(text));
  REQUIRE(errors.size() == 6);
  CHECK(errors[0].starts_with("peyk.yaml:1:10: "));
  CHECK(errors[1].starts_with("peyk.yaml:14:33: unknown skill"));
  CHECK(errors[2].starts_with("peyk.yaml:14:40: 0 is not from"));
  CHECK(errors[3].starts_with("peyk.yaml:14:53: unknown queue"));
  CHECK(errors[4].starts_with("peyk.yaml:14:71: \"many\""));
  CHECK(errors[5].starts_with("peyk.yaml:14:77: unknown key \"rank\""));
}

TEST_CASE("what nobody can serve is a warning, and loads") {
  check_warnings({
      {kPromise, kPromise + "\n  sales:\n    promise: " + kPromise, R"(10:3: nobody serves queue "sales")"},
      {"- queue: service", "- queue: service\n    require: {cooling: 5}",
       "11:5: no agent of queue \"service\" can take a conversation of kind chat that needs cooling 5: what matches "
       "route 1 would wait for ever"},
      {"- queue: service", "- queue: service\n    prefer: [{skills: {cooling: 5}, for: 60s}]",
       "11:5: route 1: no agent of queue \"service\" can take kind chat with cooling 5: it would wait for nobody (say "
       "unless: rostered)"},
  });
}

TEST_CASE("what nobody of a queue can take is a warning unless its overflow is sure to lead to somebody") {
  const auto warned = [](const std::string& when, const std::string& queue, int level) {
    auto text = test::minimal_with(kPromise, kPromise + "\n    require: {cooling: 5}\n    overflow: [{when: {" + when +
                                                 "}, to: other}]\n  other:\n    promise: " + kPromise);
    text += fmt::format("  bob: {{name: Bob, skills: {{cooling: {}}}, queues: [{}], capacity: 4}}\n", level, queue) +
            "  eva: {name: Eva, queues: [service, other], capacity: 4}\n";
    const auto result = load_lenient(text);
    CHECK(errors_of(result).empty());
    const auto warnings = test::warnings_of(result);
    return std::any_of(warnings.begin(), warnings.end(),
                       [](const auto& one) { return one.find("would wait for ever") != std::string::npos; });
  };
  CHECK_FALSE(warned("rostered: none", "other", 5));
  CHECK_FALSE(warned("waiting: 3, after: 1m", "other", 5));
  CHECK(warned("waiting: 3", "other", 5));  // nobody comes after him, and he waits
  CHECK(warned("rostered: none, waiting: 3", "other", 5));
  CHECK(warned("rostered: none", "other", 4));  // what it asks for goes with it
}

TEST_CASE("one demand that nobody meets is one warning, of however many kinds") {
  auto text = test::minimal_with(kChat, kChat + "\n  " + kMail);
  text.replace(text.find("- queue: service"), 16, "- queue: service\n    require: {cooling: 5}");
  std::vector<std::string> hopeless;
  for (const auto& warning : test::warnings_of(load_lenient(text))) {
    if (warning.find("would wait for ever") != std::string::npos) hopeless.push_back(warning);
  }
  REQUIRE(hopeless.size() == 1);
  CHECK(hopeless.front().find("a conversation of kind email, chat that needs cooling 5") != std::string::npos);
}

}  // namespace peyk::config
