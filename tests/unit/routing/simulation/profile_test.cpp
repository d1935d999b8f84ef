// Profiles of days: every key, and everything that can be wrong, with its place.
#include "routing/simulation/profile.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <variant>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/simulated.h"

namespace peyk::routing::simulation {
namespace {

const std::string kProfile = R"(date: 2026-11-21
timezone: Asia/Tehran
accept_delay: 5s
arrivals:
  - channel: site-chat
    per_hour: [0, 0, 0, 0, 0, 0, 0, 0, 5, 10, 20, 20, 15, 15, 20, 20, 10, 5, 0, 0, 0, 0, 0, 0.5]
    handling: {lognormal: {mean: 6m, p90: 12m}}
    patience: {exponential: {mean: 5m}}
  - channel: contact-form
    name: coolers
    queue: billing
    fields: {product: cooler}
    subject: A leak
    text: It drips.
    language: en
    per_hour: 2
    handling: 90s
shifts:
  - {agents: [ani, bela], from: "09:00", to: "17:00"}
  - {queue: service, count: 1, from: "22:00", to: "06:00"}
)";

ProfileResult load(std::string_view text, bool arrivals_required = true) {
  ProfileOptions options;
  options.configs = {test::load_right(test::simulated_desk())};
  options.arrivals_required = arrivals_required;
  return load_profile(text, "day.yaml", options);
}

std::string problems_of(const ProfileResult& result) {
  std::vector<std::string> lines;
  lines.reserve(result.problems.size());
  for (const auto& problem : result.problems) lines.push_back(to_string(problem));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string read_source(const std::string& path) {
  std::ifstream stream(std::string(PEYK_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string stream_with(std::string_view rest) {
  return fmt::format("arrivals:\n  - {{channel: site-chat, per_hour: 1, {}}}\n", rest);
}

}  // namespace

TEST_CASE("replies and losses are read; without them there are none") {
  const auto read =
      load(stream_with("handling: 5m, replies: {chance: 0.4, after: {exponential: {mean: 3m}}, most: 5}") +
           "losses: {per_hour: 0.5, for: 40s}\n");
  REQUIRE_MESSAGE(read.profile.has_value(), problems_of(read));
  const auto& replies = read.profile->arrivals.at(0).replies;
  REQUIRE(replies.has_value());
  CHECK(replies->chance == 0.4);
  CHECK(replies->most == 5);
  CHECK(std::get<Exponential>(replies->after).mean == std::chrono::minutes(3));
  REQUIRE(read.profile->losses.has_value());
  CHECK(read.profile->losses->per_hour == 0.5);
  CHECK(std::get<Fixed>(read.profile->losses->length).value == std::chrono::seconds(40));
  const auto plain = load(stream_with("handling: 5m"));
  REQUIRE(plain.profile.has_value());
  CHECK_FALSE(plain.profile->arrivals.at(0).replies.has_value());
  CHECK_FALSE(plain.profile->losses.has_value());
}

TEST_CASE("replies and losses that cannot be are named with their place") {
  const auto wrong = load(stream_with("handling: 5m, replies: {chance: 1.5, often: 2}") + "losses: {per_hour: 100}\n");
  const auto said = problems_of(wrong);
  CAPTURE(said);
  CHECK_FALSE(wrong.profile.has_value());
  for (const auto* words :
       {"day.yaml:2:", "chance", "often", "after", "\"for\" is missing", "day.yaml:3:20: \"100\""}) {
    CAPTURE(words);
    CHECK(said.find(words) != std::string::npos);
  }
}

TEST_CASE("every key of a profile is read") {
  const auto result = load(kProfile);
  CAPTURE(problems_of(result));
  REQUIRE(result.profile);
  const auto& profile = *result.profile;
  CHECK(profile.date == config::CalendarDate{2026, 11, 21});
  CHECK(profile.timezone == "Asia/Tehran");
  CHECK(profile.accept_delay == std::chrono::seconds(5));
  REQUIRE(profile.arrivals.size() == 2);
  const auto& chats = profile.arrivals[0];
  CHECK(chats.per_hour[8] == 5);
  CHECK(chats.per_hour[23] == 0.5);
  CHECK(std::holds_alternative<Lognormal>(chats.handling));
  REQUIRE(chats.patience);
  CHECK(std::get<Exponential>(*chats.patience).mean == std::chrono::minutes(5));
  const auto& forms = profile.arrivals[1];
  CHECK(forms.name == "coolers");
  CHECK(forms.queue == QueueName("billing"));
  CHECK(forms.fields.at("product") == "cooler");
  CHECK(forms.subject == "A leak");
  CHECK(forms.text == "It drips.");
  CHECK(forms.language == "en");
  CHECK(forms.per_hour[0] == 2);
  CHECK(std::get<Fixed>(forms.handling).value == std::chrono::seconds(90));
  CHECK_FALSE(forms.patience);
  REQUIRE(profile.rota.size() == 2);
  CHECK(profile.rota[0].agents.size() == 2);
  CHECK(profile.rota[1].span == config::OpenSpan{22 * 60, 30 * 60});
}

TEST_CASE("everything wrong with a profile is named with its place") {
  const auto result = load(R"(date: yesterday
accept_dealy: 5s
arrivals:
  - channel: site-caht
    queue: servcie
    fields: {colour: red}
    per_hour: [1, 2, 3]
    handling: {lognormal: {mean: 6m, p90: 20m}}
    patience: {gamma: {mean: 5m}}
  - {channel: site-chat, per_hour: -1, handling: {exponential: {median: 1m}}}
shifts:
  - {agents: [nobody], queue: service, from: 9 o'clock, to: "17:00"}
  - {queue: service, from: "09:00", to: "09:00"}
)");
  CHECK_FALSE(result.profile);
  CHECK(problems_of(result) ==
        "day.yaml:1:7: \"yesterday\" is not a day such as 2027-03-21\n"
        "day.yaml:2:1: unknown key \"accept_dealy\"; did you mean \"accept_delay\"?\n"
        "day.yaml:4:14: unknown channel \"site-caht\"; did you mean \"site-chat\"?\n"
        "day.yaml:5:12: unknown queue \"servcie\"; did you mean \"service\"?\n"
        "day.yaml:6:14: no form has a field \"colour\"\n"
        "day.yaml:7:15: expected a number, or 24 of them, from midnight on, not 3\n"
        "day.yaml:8:27: p90 must be more than the mean, and at most 2.27 times as much\n"
        "day.yaml:9:15: expected a duration such as 5m, {exponential: {mean: 5m}}, {lognormal: {mean: 5m, p90: 9m}} or "
        "{fixed: 5m}\n"
        "day.yaml:10:36: \"-1\": expected a number from 0 to 1000000\n"
        "day.yaml:10:64: \"mean\" is missing\n"
        "day.yaml:10:65: unknown key \"median\"; did you mean \"mean\"?\n"
        "day.yaml:12:5: a shift names its agents, or a queue and a count\n"
        "day.yaml:12:15: unknown agent \"nobody\"; there are ani, bela, cora\n"
        "day.yaml:12:46: \"9 o'clock\" is not a time such as 09:00\n"
        "day.yaml:13:5: how many of the queue's agents? Say count\n"
        "day.yaml:13:5: it ends when it begins");
}

TEST_CASE("a lognormal spread takes p90 and one of mean and median") {
  CHECK(load(stream_with("handling: {lognormal: {median: 2m, p90: 20m}}")).profile);
  CHECK(problems_of(load(stream_with("handling: {lognormal: {median: 2m, mean: 3m, p90: 4m}}")))
            .find("one of mean and median") != std::string::npos);
  CHECK(problems_of(load(stream_with("handling: {lognormal: {p90: 4m}}"))).find("one of mean and median") !=
        std::string::npos);
  CHECK(load(stream_with("handling: {fixed: 4m}")).profile);
}

TEST_CASE("a day on which nobody comes is refused, unless a trace brings the arrivals") {
  CHECK(problems_of(load("date: 2026-11-21\n")) == "day.yaml:1:1: \"arrivals\" is missing: nobody would come");
  CHECK(load("date: 2026-11-21\n", false).profile);
}

TEST_CASE("more conversations than can be simulated are refused at load") {
  const auto result = load("arrivals:\n  - {channel: site-chat, per_hour: 50000, handling: 1m}\n");
  CHECK(problems_of(result) == "day.yaml:1:1: 1200000 conversations a day are more than 1000000");
}

TEST_CASE("with two configurations, channels and queues must be in both, agents in one") {
  ProfileOptions options;
  options.configs = {test::load_right(test::simulated_desk())};
  auto text = test::simulated_desk() + "  dara: {name: Dara, queues: [service], capacity: 2}\n";
  text.replace(text.find("  billing: {promise"), 10, "  invoice:");
  text.replace(text.find("[service, billing]"), 18, "[service, invoice]");
  const auto other = config::load_text(text, "new.yaml", config::LoadOptions{});
  REQUIRE(other.ok());
  options.configs.push_back(other.config);
  const auto result =
      load_profile(kProfile + "  - {agents: [dara], from: \"09:00\", to: \"17:00\"}\n", "day.yaml", options);
  CHECK(problems_of(result) == "day.yaml:11:12: unknown queue \"billing\"; there are invoice, service (for new.yaml)");
}

TEST_CASE("a shift that a queue cannot fill is an error of the profile") {
  const auto result =
      load(stream_with("handling: 1m") + "shifts:\n  - {queue: billing, count: 2, from: \"09:00\", to: \"17:00\"}\n");
  CHECK(problems_of(result) ==
        "day.yaml:4:5: queue \"billing\" of peyk.yaml has 1 agents free from 09:00 to 17:00, 2 are wanted");
}

TEST_CASE("the profile that ships fits the configuration that ships") {
  config::LoadOptions lenient;
  lenient.secrets_required = false;
  ProfileOptions options;
  options.configs = {config::load(std::string(PEYK_SOURCE_DIR) + "/config/peyk.yaml", lenient).config};
  REQUIRE(options.configs.front() != nullptr);
  const auto result = load_profile(read_source("config/day.yaml"), "day.yaml", options);
  CHECK(problems_of(result).empty());
  REQUIRE(result.profile);
  CHECK(result.profile->arrivals.size() == 4);
  CHECK(result.profile->date.has_value());
}

TEST_CASE("the manual of the profile is what its tables say") {
  const std::string path = "docs/simulation.md";
  const auto manual = read_source(path);
  const auto described = config::describe(*profile_table().info());
  const std::string heading = "## Keys of a profile\n";
  const auto at = manual.find(heading);
  REQUIRE(at != std::string::npos);
  const auto body = at + heading.size();
  if (std::getenv("PEYK_WRITE_MANUAL") != nullptr) {
    std::ofstream(std::string(PEYK_SOURCE_DIR) + "/" + path) << manual.substr(0, body) << described;
    return;
  }
  const bool same = manual.substr(body) == described;
  CHECK_MESSAGE(same, "docs/simulation.md is behind: run this test with PEYK_WRITE_MANUAL=1 to write it anew");
}

}  // namespace peyk::routing::simulation
