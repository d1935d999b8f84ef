#include "tests/support/traffic.h"

#include <algorithm>
#include <array>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "tests/support/rebuilt.h"

namespace peyk::test {
namespace {

constexpr int kStory = 25;

}  // namespace

Traffic::Traffic(const redis::Endpoint& endpoint, std::uint64_t seed)
    : random_(seed), first_(endpoint), second_(endpoint), settings_(standard_settings()) {
  first_.command({"FLUSHALL"});
  set_up();
}

int Traffic::below(int limit) {
  return static_cast<int>(random_.next() % static_cast<std::uint64_t>(limit));
}

const std::string& Traffic::one_of(const std::vector<std::string>& names) {
  return names.at(static_cast<std::size_t>(below(static_cast<int>(names.size()))));
}

bool Traffic::chance(int percent) {
  return below(100) < percent;
}

Store& Traffic::store() {
  return chance(50) ? first_ : second_;
}

void Traffic::set_up() {
  auto& kinds = settings_["kinds"].as_object();
  kinds["email"].as_object()["max"] = 4;
  if (chance(50)) kinds["chat"].as_object()["interrupts"] = json::array{"email"};
  model_.exponent = chance(30) ? 2 : 1;
  settings_["urgency"].as_object()["exponent"] = model_.exponent;
  model_.parallel = chance(30) ? 2 : 1;
  present_ = chance(70);
  calm_ = present_ && chance(50);
  write_settings();
  for (const auto& name : kQueues) write_queue(name);
  for (int i = 0; i < 6; ++i) agents_.push_back(fmt::format("agent-{}", i));
  for (const auto& name : agents_) write_agent(name);
  before_ = look_at(first_);
}

std::string Traffic::any_agent() {
  return one_of(agents_);
}

json::object Traffic::by(const std::string& agent) const {
  return {{"agent", agent}, {"actor", actor(agent)}};
}

std::string Traffic::attempt(std::string_view script, const json::object& arguments) {
  story_.push_back(fmt::format("{} {} {}", first_.now, script, json::serialize(arguments)));
  auto& by_whom = store();
  acted_ = true;
  const auto reply = by_whom.raw(script, arguments, "{\"text\":\"x\"}");
  if (text_of(reply, "error") == "internal") wrong_.push_back(json::serialize(reply));
  return text_of(reply, "error");
}

json::object Traffic::call(std::string_view script, json::object arguments) {
  story_.push_back(fmt::format("{} {} {}", first_.now, script, json::serialize(arguments)));
  acted_ = true;
  return store().call(script, std::move(arguments));
}

void Traffic::expect(const std::string& what, const std::string& expected, const std::string& found) {
  if (expected != found) wrong_.push_back(fmt::format("{}: expected '{}', found '{}'", what, expected, found));
}

std::vector<std::string> Traffic::step() {
  wrong_.clear();
  ++turn_;
  pass_time();
  acted_ = false;
  do_something();
  if (!acted_) return wrong_;
  ++events_;
  look(look_at(first_));
  return wrong_;
}

void Traffic::look(DeskState after) {
  for (auto& one : model_.check(after, true)) wrong_.push_back(std::move(one));
  for (auto& one : model_.check_offers(before_, after)) wrong_.push_back(std::move(one));
  for (auto& one : model_.check_urgency(before_, after)) wrong_.push_back(std::move(one));
  before_ = std::move(after);
}

void Traffic::pass_time() {
  constexpr std::array<std::int64_t, 6> kPauses{0, 0, 100, 1000, 3000, 9000};
  const auto pause = chance(1) ? 100'000 : kPauses.at(static_cast<std::size_t>(below(6)));
  if (pause == 0) return;
  ++events_;
  first_.now += pause;
  second_.now = first_.now;
  store().settle();
  look(look_at(first_));
}

std::vector<std::string> Traffic::audit() {
  std::vector<std::string> wrong;
  for (const auto& finding : first_.audit()) wrong.push_back(json::serialize(finding));
  for (auto& one : compare_with_stream(first_, before_)) wrong.push_back(std::move(one));
  for (const auto& [id, ids] : model_.messages()) {
    if (!before_.conversations.contains(id)) continue;
    std::string found;
    std::string expected;
    for (const auto& message : ids) expected += message + " ";
    const auto page = first_.call("read_messages", {{"conversation", id}, {"limit", 1000}});
    for (const auto& message : page.at("messages").as_array()) found += text_of(message.as_object(), "id") + " ";
    if (found != expected) wrong.push_back(fmt::format("{} holds {}, acknowledged were {}", id, found, expected));
  }
  return wrong;
}

std::string Traffic::story() const {
  std::string text;
  const auto from = story_.size() > kStory ? story_.size() - kStory : 0;
  for (auto i = from; i < story_.size(); ++i) text += story_[i] + "\n";
  return text;
}

std::optional<std::string> run_traffic(const redis::Endpoint& endpoint, std::uint64_t seed, int events) {
  Traffic traffic(endpoint, seed);
  const auto report = [&](int event, const std::vector<std::string>& wrong) {
    auto text = fmt::format("PEYK_SEED={} event {}\n", seed, event);
    for (const auto& one : wrong) text += "  " + one + "\n";
    return text + traffic.story();
  };
  int audited = 0;
  while (traffic.events() < events) {
    try {
      if (const auto wrong = traffic.step(); !wrong.empty()) return report(traffic.events(), wrong);
      if (traffic.events() < audited + 100) continue;
      audited = traffic.events();
      if (const auto wrong = traffic.audit(); !wrong.empty()) return report(traffic.events(), wrong);
    } catch (const std::exception& error) {
      return report(traffic.events(), {error.what()});
    }
  }
  return std::nullopt;
}

}  // namespace peyk::test
