// The sweep takes what no message names, and nothing that one names or may name yet.
#include "routing/blob_sweep.h"

#include <fstream>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "base/async/task_group.h"
#include "base/text.h"
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
  WorkerPool pool{1};
  store::Runner runner{desk.client(), system_clock(), {"test", std::chrono::seconds(5)}};
  std::unique_ptr<BlobSweep> sweep =
      create_blob_sweep({loop.executor(), pool, runner, system_random()}, desk.blob_folder());

  BlobId put(const std::string& content) { return loop.run(desk->blobs().put(content)).value(); }
  fs::path file(const BlobId& id) const { return desk.blob_folder() / id.str().substr(2, 2) / id.str().substr(2); }
  void age(const BlobId& id) { fs::last_write_time(file(id), fs::file_time_type::clock::now() - hours(48)); }
  Result<std::size_t> run() { return loop.run(sweep->sweep(hours(25))); }
};

asio::awaitable<void> count_turns(std::size_t& turns) {
  for (;;) {
    ++turns;
    co_await asio::post(asio::use_awaitable);
  }
}

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
  age(named);  // it counts as stored when the message came: that is long ago too
  put("again");
  CHECK(run().value() == 1);
  CHECK_FALSE(fs::exists(file(dropped)));
  for (const auto& id : {named, again, fresh}) CHECK(fs::exists(file(id)));
  CHECK(run().value() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a message that names what was swept is refused, and one that names it in time keeps it") {
  const auto say = [&](const BlobId& id) {
    auto form = test::TestDesk::form("sara@example.org", "With a picture.");
    form.attachments = {{id, "a.png", "image/png", 5, false}};
    return loop.run(desk->intake().receive(form));
  };
  const auto swept = put("swept");
  age(swept);
  CHECK(run().value() == 1);
  const auto refused = say(swept);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::unprocessable);
  CHECK(refused.error().message.find("upload it again") != std::string::npos);
  // Looked at by a sweep that had asked the store before the message was there.
  const auto kept = put("kept");
  age(kept);
  REQUIRE(loop.run(desk->blobs().keep({kept})).has_value());
  CHECK(run().value() == 0);
  CHECK(say(kept).has_value());

  const Actor ani{ActorKind::agent, AgentName("ani"), AgentName("ani")};
  desk.available("ani");
  REQUIRE(desk.until([&] { return !desk.id_in("offer.made", "offer").empty(); }));
  const auto id = loop.run(desk->work().accept(ani, OfferId(desk.id_in("offer.made", "offer")))).value();
  const auto reply =
      loop.run(desk->work().reply(ani, id, {"k1", "See here.", {{swept, "a.png", "image/png", 5, false}}}));
  CHECK(reply.error().code == ErrorCode::unprocessable);
  CHECK(loop.run(desk->reader().messages(id, 0, 20)).value().size() <= 2);
}

TEST_CASE_FIXTURE(Fixture, "what somebody began to store and never finished goes after a day") {
  const auto folder = file(put("whole")).parent_path();
  for (const auto* name : {".new-abcdef", ".new-uvwxyz"}) std::ofstream(folder / name) << "half";
  fs::last_write_time(folder / ".new-abcdef", fs::file_time_type::clock::now() - std::chrono::hours(26));
  CHECK(run().value() == 0);
  CHECK_FALSE(fs::exists(folder / ".new-abcdef"));
  CHECK(fs::exists(folder / ".new-uvwxyz"));
}

TEST_CASE_FIXTURE(Fixture,
                  "what a sweep put aside and then died over is back after the next; other files are not its own") {
  const auto id = put("put aside");
  const auto folder = file(id).parent_path();
  fs::rename(file(id), folder / (".old-" + file(id).filename().string()));
  const auto foreign = desk.blob_folder() / "ca" / "cafe";
  fs::create_directories(foreign.parent_path());
  std::ofstream(foreign) << "not a blob";
  fs::last_write_time(foreign, fs::file_time_type::clock::now() - hours(48));
  CHECK(run().value() == 0);
  CHECK(loop.run(desk->blobs().get(id)).value() == "put aside");
  CHECK(fs::exists(foreign));
}

TEST_CASE_FIXTURE(Fixture, "a sweep of many files goes in steps, between which the loop turns") {
  constexpr std::size_t kMany = 2'000;
  // On the pool: while the loop stood still for as long, the desk would take its store for lost.
  loop.run(pool.run([this] {
    for (std::size_t number = 0; number < kMany; ++number) {
      const BlobId id("b_" + sha256_hex(std::to_string(number)));
      fs::create_directories(file(id).parent_path());
      std::ofstream(file(id)) << number;
      age(id);
    }
    return true;
  }));
  std::size_t turns = 0;
  TaskGroup turning(loop.executor(), "test.turning");
  turning.spawn("turns", count_turns(turns));
  CHECK(run().value() == kMany);
  // At the mark, the walk, and four steps that each ask the store and then remove.
  CHECK(turns >= 10);
  loop.run(turning.stop());
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
