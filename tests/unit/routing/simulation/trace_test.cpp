// Recorded days as CSV, and everything that can be wrong with them.
#include "routing/simulation/trace.h"

#include <cstdint>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/simulated.h"

namespace peyk::routing::simulation {
namespace {

using test::yerevan;

TraceOptions options(bool dated = true) {
  TraceOptions made;
  made.file = "day.csv";
  made.configs = {test::load_right(test::simulated_desk())};
  if (dated) made.date = config::CalendarDate{2026, 11, 21};
  made.timezone = "Asia/Yerevan";
  return made;
}

std::string problems_of(std::string_view text, bool dated = true) {
  return fmt::format("{}", fmt::join(read_trace(text, options(dated)).problems, "\n"));
}

}  // namespace

TEST_CASE("a trace's rows are arrivals by time, whatever the order of rows and columns") {
  const auto trace = read_trace(
      "channel,time,handling,patience,queue,field.product,subject,text,language,name\r\n"
      "contact-form,10:30:15,5m,,billing,cooler,\"A leak, again\",It drips.,fa,Sara\r\n"
      "site-chat,2026-11-21T09:00:00+04:00,90.5,1h30m,,,,,,\r\n",
      options());
  CAPTURE(fmt::format("{}", fmt::join(trace.problems, "\n")));
  REQUIRE(trace.arrivals.size() == 2);
  const auto& chat = trace.arrivals[0];
  CHECK(chat.at == yerevan(9));
  CHECK(chat.name == "line 3");
  CHECK(chat.channel == ChannelName("site-chat"));
  CHECK(chat.queue.empty());
  CHECK(chat.handling == Milliseconds(90'500));
  CHECK(chat.patience == std::chrono::minutes(90));
  CHECK(chat.fields.empty());
  const auto& form = trace.arrivals[1];
  CHECK(form.at == yerevan(10, 30, 15));
  CHECK(form.name == "Sara");
  CHECK(form.queue == QueueName("billing"));
  CHECK(form.fields.at("product") == "cooler");
  CHECK(form.subject == "A leak, again");
  CHECK(form.text == "It drips.");
  CHECK(form.language == "fa");
  CHECK_FALSE(form.patience.has_value());
}

TEST_CASE("rows of the same time stay in the order of the file") {
  const auto trace = read_trace(
      "time,channel,handling,name\n10:00,site-chat,1,a\n09:00,site-chat,1,b\n10:00,site-chat,1,c\n", options());
  REQUIRE(trace.arrivals.size() == 3);
  CHECK(trace.arrivals[0].name == "b");
  CHECK(trace.arrivals[1].name == "a");
  CHECK(trace.arrivals[2].name == "c");
}

TEST_CASE("every bad row of a trace is named with its line, each of its cells apart") {
  const auto text =
      "time,channel,queue,handling,patience,language\n"
      "09:00,site-chat,service,5m,,\n"
      "25:00,site-caht,servcie,soon,-1,english\n"
      "09:00,site-chat,service\n"
      "09:00,site-chat,service,,,\n"
      "9:00,site-chat,service,31d,99999999,\n"
      "09:00,\"site-chat,service,5m,,\n";
  CHECK(problems_of(text) ==
        "day.csv:3: time: \"25:00\" is neither a time such as 2027-03-21T17:05:00+04:00 nor 17:05\n"
        "day.csv:3: channel: peyk.yaml has no channel \"site-caht\"\n"
        "day.csv:3: queue: peyk.yaml has no queue \"servcie\"\n"
        "day.csv:3: handling: \"soon\" is neither seconds nor a duration such as 5m\n"
        "day.csv:3: patience: -1 is not from 0 to 30 days\n"
        "day.csv:3: language: \"english\" is no language such as fa, hy or en\n"
        "day.csv:4: 3 cells where the header has 6\n"
        "day.csv:5: handling: is missing\n"
        "day.csv:6: time: \"9:00\" is neither a time such as 2027-03-21T17:05:00+04:00 nor 17:05\n"
        "day.csv:6: handling: 31d is not from 0 to 30 days\n"
        "day.csv:6: patience: 99999999 is not from 0 to 30 days\n"
        "day.csv:7: a quote that is never closed");
  CHECK(read_trace(text, options()).arrivals.empty());
}

TEST_CASE("a trace's customers write again when they really did, each time for as long as it says") {
  const auto trace = read_trace(
      "time,channel,handling,replies.after,replies.handling\n"
      "09:00,site-chat,5m,90 1.5 1h,2m 30 0\n"
      "09:01,site-chat,5m, 90   2m ,45\n"
      "09:02,site-chat,5m,90 2m,\n"
      "09:03,site-chat,5m,,\n",
      options());
  CAPTURE(fmt::format("{}", fmt::join(trace.problems, "\n")));
  REQUIRE(trace.arrivals.size() == 4);
  const auto turns = [&trace](std::size_t row) {
    std::vector<std::pair<std::int64_t, std::int64_t>> shown;
    for (const auto& turn : trace.arrivals[row].turns) shown.emplace_back(turn.after.count(), turn.handling.count());
    return shown;
  };
  using Turns = std::vector<std::pair<std::int64_t, std::int64_t>>;
  CHECK(turns(0) == Turns{{90'000, 120'000}, {1'500, 30'000}, {3'600'000, 0}});
  CHECK(turns(1) == Turns{{90'000, 45'000}, {120'000, 45'000}});
  CHECK(turns(2) == Turns{{90'000, 300'000}, {120'000, 300'000}});
  CHECK(turns(3).empty());
}

TEST_CASE("a row whose replies cannot be is named with its line") {
  std::string many;
  for (int i = 0; i < 101; ++i) many += "9 ";
  const auto text =
      "replies.handling,time,channel,handling,replies.after\n"
      ",09:00,site-chat,5m,90 soon\n"
      "-1,09:00,site-chat,5m,90\n"
      "1 2,09:00,site-chat,5m,90\n"
      "1 2,09:00,site-chat,5m,1 2 3\n"
      "1 2,09:00,site-chat,5m,\n"
      "1,09:00,site-chat,5m,\n"
      ",09:00,site-chat,5m,90;30\n"
      ",09:00,site-chat,5m,31d\n"
      ",09:00,site-chat,5m," +
      many + "\n1,09:00,site-chat,5m,90\n";
  CHECK(problems_of(text) ==
        "day.csv:2: replies.after: \"soon\" is neither seconds nor a duration such as 5m\n"
        "day.csv:3: replies.handling: -1 is not from 0 to 30 days\n"
        "day.csv:4: replies.handling: 2 of them, for 1 in replies.after\n"
        "day.csv:5: replies.handling: 2 of them, for 3 in replies.after\n"
        "day.csv:6: replies.handling: 2 of them, for 0 in replies.after\n"
        "day.csv:7: replies.handling: there are none in replies.after\n"
        "day.csv:8: replies.after: \"90;30\" is neither seconds nor a duration such as 5m\n"
        "day.csv:9: replies.after: 31d is not from 0 to 30 days\n"
        "day.csv:10: replies.after: more than 100 of them");
}

TEST_CASE("a header that is wrong says all that is wrong with it, and no row is looked at") {
  CHECK(problems_of("when,channel,channel,field.colour\nrubbish\n") ==
        "day.csv:1: unknown column \"when\"; there are time, channel, handling, patience, replies.after, "
        "replies.handling, queue, field.NAME, subject, text, language, name\n"
        "day.csv:1: column \"channel\" is there twice\n"
        "day.csv:1: no form has a field \"colour\"\n"
        "day.csv:1: column \"time\" is missing\n"
        "day.csv:1: column \"handling\" is missing");
  CHECK(problems_of("") == "day.csv:1: there is nothing in it");
  CHECK(problems_of("time,channel,handling\n") == "day.csv:1: no conversation in it");
}

TEST_CASE("a time of day without a date is asked for its day") {
  CHECK(problems_of("time,channel,handling\n09:00,site-chat,1\n", false) ==
        "day.csv:2: time: 09:00 of which day? Name it: --date 2027-03-21");
  CHECK(problems_of("time,channel,handling\n2026-11-21T09:00:00Z,site-chat,1\n", false).empty());
}

TEST_CASE("what only one of two configurations has is named with the one that lacks it") {
  auto both = options();
  auto text = test::simulated_desk();
  text.replace(text.find("  billing: {promise"), 10, "  invoice:");
  text.replace(text.find("[service, billing]"), 18, "[service, invoice]");
  auto other = config::load_text(text, "new.yaml", config::LoadOptions{});
  REQUIRE(other.ok());
  both.configs.push_back(other.config);
  const auto trace = read_trace("time,channel,queue,handling\n09:00,site-chat,billing,1\n", both);
  REQUIRE(trace.problems.size() == 1);
  CHECK(trace.problems[0] == "day.csv:2: queue: new.yaml has no queue \"billing\"");
}

TEST_CASE("of very many problems the first hundred are told, and how many more there are") {
  std::string text = "time,channel,handling\n";
  for (int row = 0; row < 250; ++row) text += "never,site-chat,1\n";
  const auto trace = read_trace(text, options());
  REQUIRE(trace.problems.size() == 101);
  CHECK(trace.problems.back() == "day.csv: and 150 more");
}

}  // namespace peyk::routing::simulation
