#include "routing/blob_sweep.h"

#include <doctest/doctest.h>

#include "routing/blobs.h"
#include "tests/support/desk.h"

namespace peyk::routing {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

struct Fixture {
  test::RedisServer server;
  test::Loop loop;
  test::TestDesk desk{loop, server, test::desk_config()};
  test::TempFolder folder;
  WorkerPool pool{1};
  std::unique_ptr<Blobs> blobs = create_blobs(pool, folder.path() / "blobs");
  store::Runner runner{desk.client(), system_clock(), {"test", std::chrono::seconds(5)}};
  std::unique_ptr<BlobSweep> sweep =
      create_blob_sweep({loop.executor(), pool, runner, system_random()}, folder.path() / "blobs");

  BlobId put(const std::string& content) { return loop.run(blobs->put(content)).value(); }
  fs::path file(const BlobId& id) const { return folder.path() / "blobs" / id.str().substr(2, 2) / id.str().substr(2); }
  void age(const BlobId& id) { fs::last_write_time(file(id), fs::file_time_type::clock::now() - hours(48)); }
  Result<std::size_t> run() { return loop.run(sweep->sweep(hours(25))); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what no message names goes after a day, what one names or was stored since stays") {
  const auto named = put("named");
  const auto dropped = put("dropped");
  const auto again = put("again");
  const auto fresh = put("fresh");
  for (const auto& id : {named, dropped, again}) age(id);
  auto form = test::TestDesk::form("sara@example.org", "With a picture.");
  form.attachments = {{named, "a.png", "image/png", 5, false}};
  REQUIRE(loop.run(desk->intake().receive(form)).has_value());
  put("again");
  CHECK(run().value() == 1);
  CHECK_FALSE(fs::exists(file(dropped)));
  for (const auto& id : {named, again, fresh}) CHECK(fs::exists(file(id)));
  CHECK(run().value() == 0);
}

TEST_CASE_FIXTURE(Fixture, "with a store that was emptied, or is another one, nothing goes") {
  CHECK(run().value() == 0);
  const auto old = put("old");
  age(old);
  SUBCASE("emptied") {
    REQUIRE(loop.run(desk.client().call({"FLUSHALL"})).has_value());
  }
  SUBCASE("another") {
    REQUIRE(loop.run(desk.client().call({"HSET", runner.key("meta"), "blobs", "other"})).has_value());
  }
  CHECK(run().error().code == ErrorCode::conflict);
  CHECK(fs::exists(file(old)));
}

}  // namespace peyk::routing
