// The desk's own key, `meta`, damaged: every script says so and does nothing, and the audit finds what was counted.
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/damaged.h"
#include "tests/support/stream.h"

namespace peyk::test {
namespace {

const std::vector<std::vector<std::string>> kGone{{"SET", "meta", "of another type"}, {"DEL", "meta"}};
const std::vector<std::vector<std::string>> kUncounted{
    {"HSET", "meta", "numbers", "\xc1"}, {"HSET", "meta", "numbers", ""}, {"HDEL", "meta", "numbers"}};

/// A desk that has given out many numbers, in two configurations' time.
struct Meta : Damaged {
  std::vector<std::string> references;
  std::string last_offer;

  Meta() {
    store.call("roster_commit", {{"config", "one"}});
    for (int i = 0; i < 100; ++i) write(i);
    last_offer = offers("ani").back();
  }
  json::object write(int number) {
    const json::object who{{"kind", "email"}, {"value", "customer-" + std::to_string(number) + "@y.example"}};
    const auto key = "key-" + std::to_string(number);
    auto reply = arrive("email", {}, {{"delivery_key", key}, {"sender", who}, {"external_id", key}});
    references.push_back(text_of(reply, "reference"));
    return reply;
  }
  void plant(const std::vector<std::string>& words) {
    CAPTURE(words.front());
    if (words.front() == "SET") damage({"DEL", "meta"});
    damage(words);
  }
  /// By the caller's configuration; all of it, or till `meta` is mended.
  json::array mend(const std::string& until = {}) {
    json::array findings;
    std::string cursor;
    do {
      const json::object asked{{"cursor", cursor}, {"repair", true}, {"limit", 10}};
      const auto reply = store.raw("audit", asked, "{}", "", "one");
      const auto& ok = reply.at("ok").as_object();
      if (ok.contains("findings")) {
        for (const auto& finding : ok.at("findings").as_array()) findings.push_back(finding);
      }
      cursor = text_of(ok, "cursor");
    } while (!cursor.empty() && cursor != until);
    return findings;
  }
  void reload() {
    store.call("roster_begin", {{"config", "one"}});
    store.call("roster_settings", standard_settings());
    for (const auto* queue : {"service", "billing"}) store.call("roster_queue", standard_queue(queue));
    add({.name = "ani", .capacity = 200});
    store.call("roster_commit", {{"config", "one"}});
  }
  /// What was given out is given to nobody else, and what was stored is known.
  void goes_on() {
    const auto left = audit();
    CHECK_MESSAGE(left.empty(), json::serialize(left));
    const auto last = read_stream(store).back();
    const auto again = write(7);
    CHECK(again.at("duplicate") == true);
    const auto reply = write(1000 + static_cast<int>(references.size()));
    const auto fresh = text_of(reply, "reference");
    references.pop_back();
    CHECK(std::set<std::string>(references.begin(), references.end()).count(fresh) == 0);
    const auto next = read_stream(store);
    const auto number = [](const routing::Event& event) { return std::stoll(std::string(event.get("seq"))); };
    for (std::size_t i = 1; i < next.size(); ++i) CHECK(number(next[i]) == number(next[i - 1]) + 1);
    CHECK(next.size() > 100);
    available({.name = "bob", .capacity = 100});
    REQUIRE(offers("bob").size() == 1);
    CHECK(std::stoi(offers("bob").front().substr(2)) > std::stoi(last_offer.substr(2)));
    CHECK(text_of(agent("ani"), "state") == "available");
    CHECK(offers("ani").back() == last_offer);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Meta, "while meta is damaged every script names it and what to do, and nothing is changed") {
  auto plants = kGone;
  plants.insert(plants.end(), kUncounted.begin(), kUncounted.end());
  for (const auto& words : plants) {
    CAPTURE(words.front() + " " + words.back());
    store.command({"COPY", store.key("meta"), "kept", "REPLACE"});
    plant(words);
    const auto before = store.command({"DUMP", store.key("meta")}).text;
    for (const auto* script : {"read_queues", "timers", "roster_check", "roster_begin"}) {
      const auto refused = store.refusal(script, {{"config", "two"}});
      CHECK(text_of(refused, "error") == "damaged");
      CHECK(text_of(refused, "message").starts_with("this desk's key meta "));
      CHECK(text_of(refused, "message").ends_with(": peykctl audit --repair mends it"));
    }
    const auto findings = audit();
    REQUIRE(findings.size() == 1);
    CHECK(text_of(findings.at(0).as_object(), "detail").starts_with("meta "));
    CHECK_FALSE(findings.at(0).as_object().contains("mended"));
    CHECK(store.command({"DUMP", store.key("meta")}).text == before);
    store.command({"COPY", "kept", store.key("meta"), "REPLACE"});
  }
}

TEST_CASE_FIXTURE(Meta, "audit: numbers that are lost or cannot be read are counted from what was given out") {
  for (const auto& words : kUncounted) {
    CAPTURE(words.front() + " " + words.back());
    plant(words);
    const auto findings = mend("places 0");
    CHECK(has_code(findings, words.front() == "HDEL" ? "count.lost" : "record.unreadable"));
    CHECK_FALSE(has_code(findings, "roster.lost"));
    goes_on();
    store.call("roster_remove_agent", {{"agent", "bob"}});
  }
}

TEST_CASE_FIXTURE(Meta, "audit: meta that is gone is made anew of what there is; the next reload writes the rest") {
  for (const auto& words : kGone) {
    CAPTURE(words.front());
    plant(words);
    store.now += 3'600'000;  // nobody can have renewed his lease
    const auto findings = mend();
    CHECK(has_code(findings, "record.unreadable"));
    CHECK(has_code(findings, "roster.lost"));
    CHECK(store.command({"TYPE", store.key("lost:meta")}).text == (words.front() == "SET" ? "string" : "none"));
    damage({"DEL", "lost:meta"});
    CHECK_FALSE(store.call("roster_check", {{"queues", {"billing", "service"}}}).contains("config"));
    CHECK_FALSE(store.raw("read_queues", {}, "{}", "", "one").contains("error"));  // the configuration is known
    reload();
    store.settle();
    goes_on();
    store.call("roster_remove_agent", {{"agent", "bob"}});
  }
}

TEST_CASE_FIXTURE(Meta, "audit: an offer or a conversation that cannot be read either keeps its number for itself") {
  const auto newest = text_of(conversation(text_of(write(500), "conversation")), "id");
  spoil(store, "c:" + newest);
  damage({"DEL", "o:" + last_offer});
  plant({"HDEL", "meta", "numbers"});
  mend("places 0");
  unspoil(store, "c:" + newest);
  references.push_back(text_of(conversation(newest), "reference"));
  const auto fresh = text_of(arrive(), "reference");
  CHECK(std::set<std::string>(references.begin(), references.end()).count(fresh) == 0);
  available({.name = "bob", .capacity = 100});
  CHECK(std::stoi(offers("bob").front().substr(2)) > std::stoi(last_offer.substr(2)));
}

}  // namespace peyk::test
