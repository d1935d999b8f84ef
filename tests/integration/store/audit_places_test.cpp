// Keys of another type than theirs, and foundations that are gone: the audit sets them aside, and builds anew what can
// be.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

/// Keys of the desk that are no record of their own, each a string in turn: whoever reads it would break off.
struct Places : Damaged {
  std::vector<std::string> names() {
    const auto found = store.eval(R"(local names = {}
      for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
        local name = key:sub(#ARGV[1] + 1)
        if name ~= 'meta' and name ~= 'settings' and not name:find('^[capo]:') and not name:find('^lost:') then
          names[#names + 1] = name end
      end
      table.sort(names)
      return names)",
                                  {store.key("")});
    std::vector<std::string> names;
    names.reserve(found.items.size());
    for (const auto& one : found.items) names.push_back(one.text);
    return names;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Places, "audit: a key of another type than its name asks for is set aside and built anew") {
  int tried = 0;
  for (const auto& name : names()) {
    if (name == "queues") continue;
    CAPTURE(name);
    damage({"DEL", name});
    damage({"SET", name, "of another type"});
    ++tried;
    finds("record.unreadable");
    CHECK(store.command({"TYPE", store.key("lost:" + name)}).text == "string");
    damage({"DEL", "lost:" + name});
  }
  CHECK(tried > 20);
  const auto arrived = text_of(arrive(), "conversation");
  available({.name = "bob", .capacity = 400});
  CHECK(offers("bob").size() == 2);
  CHECK_FALSE(offered_to(arrived).empty());
}

TEST_CASE_FIXTURE(Damaged,
                  "audit: lost settings, or queues, are written by the next reload, and nothing moves meanwhile") {
  const std::vector<std::vector<std::string>> plants{{"DEL", "settings"},
                                                     {"SET", "settings", "{"},
                                                     {"DEL", "queues"},
                                                     {"HSET", "queues", "service", "{"},
                                                     {"HDEL", "queues", "service"}};
  const json::object wanted{{"queues", {"billing", "service"}}, {"agents", {"ani"}}};
  store.call("roster_commit", {{"config", "one"}});
  for (const auto& plant : plants) {
    CAPTURE(plant.front() + " " + plant.at(1));
    damage(plant);
    forget_roster();
    CHECK(has_code(audit(), "roster.lost"));
    CHECK(has_code(audit(true), "roster.lost"));
    CHECK_FALSE(store.call("roster_check", wanted).contains("config"));
    store.call("roster_begin", {{"config", "one"}});
    store.call("roster_settings", standard_settings());
    for (const auto* queue : {"service", "billing"}) store.call("roster_queue", standard_queue(queue));
    add({.name = "ani", .capacity = 200});
    store.call("roster_commit", {{"config", "one"}});
    CHECK(store.call("roster_check", wanted).contains("config"));
    const auto left = audit();
    CHECK_MESSAGE(left.empty(), json::serialize(left));
    CHECK(text_of(conversation(waiting), "queue") == "service");
    CHECK(state(waiting) == "waiting");
    CHECK(state(active) == "active");
  }
}

TEST_CASE_FIXTURE(Damaged, "a reload writes settings and queues that are lost, also where no audit saw it") {
  store.call("roster_commit", {{"config", "one"}});
  const json::object wanted{{"queues", {"billing", "service"}}, {"agents", {"ani"}}};
  REQUIRE(store.call("roster_check", wanted).contains("config"));
  SUBCASE("the settings") {
    damage({"DEL", "settings"});
  }
  SUBCASE("a queue") {
    damage({"HDEL", "queues", "billing"});
  }
  CHECK_FALSE(store.call("roster_check", wanted).contains("config"));
}

TEST_CASE_FIXTURE(Damaged, "audit: a wrap-up that cannot be read is struck out") {
  damage({"HSET", "wrap:ani", active, "?"});
  finds("record.unreadable");
  CHECK(number_of(agent("ani"), "load") == 200);
}

TEST_CASE_FIXTURE(Damaged, "audit: an address that leads nobody to its contact leads to him again") {
  const auto before = text_of(conversation(waiting), "contact");
  damage({"DEL", "id:0"});
  finds("contact.lost");
  const json::object again{{"kind", "email"}, {"value", "customer-" + waiting.substr(2) + "@x.example"}};
  const auto arrived = text_of(arrive("form", {}, {{"sender", again}}), "conversation");
  CHECK(text_of(conversation(arrived), "contact") == before);
}

}  // namespace peyk::test
