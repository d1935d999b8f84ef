// The maps of identities, delivery keys and external ids: their count of buckets, and what stands in which.
#include <doctest/doctest.h>

#include "tests/support/damaged.h"

namespace peyk::test {
namespace {

constexpr int kMany = 120;  // for a few buckets of each map

struct Maps : Damaged {
  /// Message `n`, of a sender of its own, under a delivery key of its own; again: the same message.
  json::object send(int n) {
    const auto text = std::to_string(n);
    return arrive("email", {},
                  {{"sender", {{"kind", "email"}, {"value", text + "@x.example"}, {"verified", true}}},
                   {"delivery_key", "mail-" + text},
                   {"external_id", "<" + text + "@x>"}});
  }
  Maps() {
    for (int n = 0; n < kMany; ++n) send(n);
    REQUIRE(audit().empty());
  }
  std::string counts() { return store.command({"HGET", store.key("meta"), "maps"}).text; }
  void all_are_known(int from, int to) {
    for (int n = from; n < to; ++n) {
      CAPTURE(n);
      CHECK(send(n).contains("duplicate"));
    }
  }
};

}  // namespace

TEST_CASE_FIXTURE(Maps, "audit: a count of buckets that is lost or too low: all keys are known again, old and new") {
  const auto before = counts();
  int sent = kMany;
  for (const auto* count : {"", "ext=1 id=2 once=3", "\xc1"}) {
    CAPTURE(count);
    damage({"HSET", "meta", "maps", count});
    for (int i = 0; i < 5; ++i) send(sent++);
    CHECK(has_code(audit(), "maps.lost"));
    finds("maps.lost");
    CHECK(counts() == before);
    all_are_known(0, sent);
  }
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Maps, "audit: a count of buckets that is too high: each entry stands where it is looked for") {
  damage({"HSET", "meta", "maps", "ext=40 id=40 once=40"});
  finds("maps.stray");
  all_are_known(0, kMany);
  // What was put right lives as long as what it stood among.
  for (int n = 0; n < 40; ++n) CHECK(store.command({"PTTL", store.key("once:" + std::to_string(n))}).integer != -1);
  CHECK(audit().empty());
}

TEST_CASE_FIXTURE(Maps, "a map that has lost its count grows into what it had, and loses nothing of it") {
  damage({"HDEL", "meta", "maps"});
  for (int n = kMany; n < 4 * kMany; ++n) send(n);
  store.audit({{"repair", true}});
  CHECK(audit().empty());
  all_are_known(0, 4 * kMany);
}

}  // namespace peyk::test
