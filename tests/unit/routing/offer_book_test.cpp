// Offers that are looked for before or after their event.
#include "routing/offer_book.h"

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include "tests/support/loop.h"

namespace peyk::routing {
namespace {

OfferView offer(const std::string& id) {
  OfferView view;
  view.id = OfferId(id);
  view.preview = "preview of " + id;
  return view;
}

struct Fixture {
  test::Loop loop;
  OfferBook book{loop.executor()};

  std::string taken(const std::string& id, Milliseconds limit = Milliseconds(0)) {
    const auto found = loop.run(book.take(OfferId(id), limit));
    return found ? found->preview : std::string();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an offer that came is there once") {
  book.put(offer("o_1"));
  CHECK(taken("o_1") == "preview of o_1");
  CHECK(taken("o_1").empty());
}

TEST_CASE_FIXTURE(Fixture, "an offer whose event comes first is waited for") {
  asio::post(loop.executor(), [this] {
    book.put(offer("o_2"));
    book.put(offer("o_1"));
  });
  CHECK(taken("o_1", std::chrono::seconds(10)) == "preview of o_1");
}

TEST_CASE_FIXTURE(Fixture, "only the newest are kept") {
  for (int i = 0; i < 1000; ++i) book.put(offer("o_" + std::to_string(i)));
  CHECK(taken("o_0").empty());
  CHECK(taken("o_999") == "preview of o_999");
}

}  // namespace peyk::routing
