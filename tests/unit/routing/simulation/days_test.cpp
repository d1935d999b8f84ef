// Days drawn from a profile, or made like a recorded one.
#include "routing/simulation/days.h"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/simulated.h"

namespace peyk::routing::simulation {
namespace {

using test::yerevan;

Stream chats(double per_hour) {
  Stream stream;
  stream.channel = ChannelName("site-chat");
  stream.per_hour.fill(0);
  for (std::size_t hour = 9; hour < 17; ++hour) stream.per_hour[hour] = per_hour;
  stream.handling = Exponential{std::chrono::minutes(5)};
  stream.patience = Exponential{std::chrono::minutes(3)};
  return stream;
}

Profile profile(std::vector<Stream> streams) {
  Profile made;
  made.date = config::CalendarDate{2026, 11, 21};
  made.timezone = "Asia/Yerevan";
  made.accept_delay = std::chrono::seconds(4);
  made.arrivals = std::move(streams);
  return made;
}

Day drawn(const std::vector<Stream>& streams, std::uint64_t seed) {
  return drawn_day(profile(streams), *test::load_right(test::simulated_desk()), seed);
}

std::string shown(const Day& day) {
  std::string all;
  for (const auto& arrival : day.arrivals) {
    all += fmt::format("{} {} {} {}\n", arrival.name, to_rfc3339(arrival.at), arrival.handling.count(),
                       arrival.patience.value_or(Milliseconds(-1)).count());
  }
  return all;
}

std::vector<Arrival> recorded() {
  std::vector<Arrival> arrivals;
  for (int count = 0; count < 200; ++count) {
    Arrival arrival;
    arrival.at = yerevan(9, 20) + std::chrono::minutes(2) * count;
    arrival.name = fmt::format("line {}", count + 2);
    arrival.channel = ChannelName("site-chat");
    arrivals.push_back(arrival);
  }
  return arrivals;
}

}  // namespace

TEST_CASE("customers write again with the chance that was given, and leave other streams as they are") {
  auto talks = chats(40);
  talks.replies = Replies{0.5, Exponential{std::chrono::minutes(2)}, 3};
  const auto day = drawn({chats(40), talks}, 1);
  CHECK(shown(drawn({chats(40), chats(0)}, 1)) == shown(drawn({chats(40),
                                                               [] {
                                                                 auto none = chats(0);
                                                                 none.replies =
                                                                     Replies{0.9, Fixed{std::chrono::minutes(1)}, 3};
                                                                 return none;
                                                               }()},
                                                              1)));
  std::map<std::size_t, int> turns;
  for (const auto& arrival : day.arrivals) ++turns[arrival.turns.size()];
  CHECK(turns.rbegin()->first == 3);
  const auto first = static_cast<double>(turns[0] - 320);  // those of the other stream have none
  CHECK(first / 320 == doctest::Approx(0.5).epsilon(0.25));
  const auto again = drawn({chats(40), talks}, 1);
  CHECK(shown(again) == shown(day));
  for (std::size_t i = 0; i < day.arrivals.size(); ++i) {
    REQUIRE(again.arrivals[i].turns.size() == day.arrivals[i].turns.size());
    for (std::size_t j = 0; j < day.arrivals[i].turns.size(); ++j) {
      CHECK(again.arrivals[i].turns[j].after == day.arrivals[i].turns[j].after);
    }
  }
}

TEST_CASE("connections are lost at the rate that was given, within the shift, and apart from each other") {
  auto made = profile({chats(10)});
  made.losses = Losses{2, Exponential{std::chrono::seconds(40)}};
  const auto day = drawn_day(made, *test::load_right(test::simulated_desk()), 3);
  CHECK(shown(day) == shown(drawn({chats(10)}, 3)));
  std::map<AgentName, int> counts;
  for (std::size_t i = 0; i < day.losses.size(); ++i) {
    const auto& loss = day.losses[i];
    ++counts[loss.agent];
    CHECK(loss.from < loss.to);
    CHECK(std::ranges::any_of(day.shifts, [&loss](const Shift& shift) {
      return shift.agent == loss.agent && shift.from < loss.from && loss.to <= shift.to;
    }));
    if (i > 0 && day.losses[i - 1].agent == loss.agent) CHECK(day.losses[i - 1].to < loss.from);
  }
  CHECK(counts.size() == 3);
  CHECK(counts[AgentName("bela")] > 60);  // of 96 in 48 hours
  CHECK(counts[AgentName("bela")] < 140);
  CHECK(drawn({chats(10)}, 3).losses.empty());
}

TEST_CASE("a drawn day runs from midnight to midnight of its date, with the rates of its hours") {
  const auto day = drawn({chats(1000)}, 1);
  CHECK(day.begin == yerevan(0));
  CHECK(day.end == yerevan(24));
  CHECK(day.accept_delay == std::chrono::seconds(4));
  CHECK(day.arrivals.size() > 7700);  // 8000, and 3 standard deviations are 268
  CHECK(day.arrivals.size() < 8300);
  CHECK(day.arrivals.front().at >= yerevan(9));
  CHECK(day.arrivals.back().at < yerevan(17));
  Time last = day.begin;
  for (const auto& arrival : day.arrivals) {
    REQUIRE(arrival.at >= last);
    last = arrival.at;
  }
  CHECK(day.arrivals.front().name == "site-chat 1");
}

TEST_CASE("the same seed draws the same day, another seed another") {
  CHECK(shown(drawn({chats(20)}, 7)) == shown(drawn({chats(20)}, 7)));
  CHECK(shown(drawn({chats(20)}, 7)) != shown(drawn({chats(20)}, 8)));
}

TEST_CASE("a stream is drawn the same, whatever stands behind it") {
  auto forms = chats(5);
  forms.name = "form";
  const auto both = shown(drawn({chats(20), forms}, 7));
  const auto alone = drawn({chats(20)}, 7);
  for (const auto& arrival : alone.arrivals) {
    REQUIRE(both.find(fmt::format("{} {} {}", arrival.name, to_rfc3339(arrival.at), arrival.handling.count())) !=
            std::string::npos);
  }
  CHECK(both.find("form 1 ") != std::string::npos);
}

TEST_CASE("conversations are numbered over the day, two streams of one name together") {
  const auto day = drawn({chats(5), chats(5)}, 7);
  for (std::size_t at = 0; at < day.arrivals.size(); ++at) {
    CHECK(day.arrivals[at].name == fmt::format("site-chat {}", at + 1));
  }
}

TEST_CASE("a day on which the clock is put back has 25 hours") {
  auto made = profile({chats(1)});
  made.date = config::CalendarDate{2026, 10, 25};
  made.timezone = "Europe/Berlin";
  made.arrivals[0].per_hour.fill(1000);
  const auto day = drawn_day(made, *test::load_right(test::simulated_desk()), 1);
  CHECK(day.end - day.begin == std::chrono::hours(25));
  CHECK(day.arrivals.size() > 24'000);
}

TEST_CASE("shifts go on for a day after the end") {
  const auto day = drawn({chats(1)}, 1);
  CHECK(day.shifts.back().agent == AgentName("cora"));
  CHECK(day.shifts.back().to == day.end + std::chrono::hours(24));
}

TEST_CASE("a recorded day is as recorded, between full hours of its clock") {
  const auto made = profile({});
  const auto day = recorded_day(recorded(), made, *test::load_right(test::simulated_desk()), 0);
  CHECK(day.begin == yerevan(9));
  CHECK(day.end == yerevan(16));
  CHECK(day.arrivals.size() == 200);
  CHECK(day.arrivals.front().name == "line 2");
}

TEST_CASE("a day like the recorded one draws from it with replacement, nearly at the same times") {
  const auto made = profile({});
  const auto desk = test::load_right(test::simulated_desk());
  const auto day = recorded_day(recorded(), made, *desk, 3);
  CHECK(day.arrivals.size() == 200);
  std::set<std::string> names;
  for (const auto& arrival : day.arrivals) {
    names.insert(arrival.name);
    const int line = std::stoi(arrival.name.substr(5));
    const auto original = yerevan(9, 20) + std::chrono::minutes(2) * (line - 2);
    CHECK(std::chrono::abs(arrival.at - original) <= std::chrono::seconds(150));
  }
  CHECK(names.size() > 100);  // 126 of 200 are expected
  CHECK(names.size() < 150);
  CHECK(shown(day) == shown(recorded_day(recorded(), made, *desk, 3)));
  CHECK(shown(day) != shown(recorded_day(recorded(), made, *desk, 4)));
}

}  // namespace peyk::routing::simulation
