// Issues that hold, and those that happened once.
#include "routing/issue_book.h"

#include <doctest/doctest.h>

namespace peyk::routing {

TEST_CASE("an issue keeps its beginning until it is cleared") {
  ManualClock clock(from_unix_ms(1000));
  IssueBook book(clock);
  book.raise("queue_unserved", "billing", "nobody");
  clock.advance(std::chrono::minutes(5));
  book.raise("queue_unserved", "billing", "still nobody");
  REQUIRE(book.current().issues.size() == 1);
  CHECK(book.current().issues[0].since == from_unix_ms(1000));
  CHECK(book.current().issues[0].message == "still nobody");
  book.clear_all("queue_unserved");
  CHECK(book.current().issues.empty());
}

TEST_CASE("what happened once is forgotten after its time") {
  ManualClock clock(from_unix_ms(0));
  IssueBook book(clock);
  book.report("store.gap", "nothing ran for 7 s", std::chrono::minutes(1));
  clock.advance(std::chrono::seconds(59));
  CHECK(book.current().issues.size() == 1);
  clock.advance(std::chrono::seconds(2));
  CHECK(book.current().issues.empty());
}

}  // namespace peyk::routing
