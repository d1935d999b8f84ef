// Files by the digest of their content: kept, gone, damaged, refused.
#include "routing/blobs.h"

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/loop.h"
#include "tests/support/temp_folder.h"

namespace peyk::routing {
namespace {

struct Fixture {
  test::TempFolder temp;
  test::Loop loop;
  WorkerPool pool{2};
  std::unique_ptr<Blobs> blobs = create_blobs(pool, temp.path() / "state" / "blobs");

  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(temp.path())) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }
};

/// As long as it lives no file grows beyond so many bytes: a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what was put is got back, by the digest of its content") {
  const std::string content("raw\0mail", 8);
  const auto id = loop.run(blobs->put(content));
  REQUIRE(id.has_value());
  CHECK(id->str() == "b_a630f3a1b9b038699fac0cf3727de291442a38dce9e0dc54cf93a0863c258b4e");
  CHECK(loop.run(blobs->get(*id)).value() == content);
}

TEST_CASE_FIXTURE(Fixture, "the same content is stored once") {
  const auto first = loop.run(blobs->put("same"));
  const auto second = loop.run(blobs->put("same"));
  CHECK(first.value() == second.value());
  CHECK(files().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "each of many contents has a file of its own, wherever its digest leads") {
  for (int number = 0; number < 20; ++number) {
    const auto content = "content " + std::to_string(number);
    const auto id = loop.run(blobs->put(content));
    REQUIRE_MESSAGE(id.has_value(), id.error().message);
    CHECK(loop.run(blobs->get(*id)).value() == content);
  }
  CHECK(files().size() == 20);
}

TEST_CASE_FIXTURE(Fixture, "what is put again counts as stored now") {
  namespace fs = std::filesystem;
  REQUIRE(loop.run(blobs->put("again")).has_value());
  const auto file = files().at(0);
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(48);
  fs::last_write_time(file, old);
  REQUIRE(loop.run(blobs->put("again")).has_value());
  CHECK(fs::last_write_time(file) > old + std::chrono::hours(47));
}

TEST_CASE_FIXTURE(Fixture, "what is kept counts as stored now; what is gone, or never was, is said to be gone") {
  namespace fs = std::filesystem;
  const auto id = loop.run(blobs->put("old")).value();
  const auto file = files().at(0);
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(48);
  fs::last_write_time(file, old);
  CHECK(loop.run(blobs->keep({id})).has_value());
  CHECK(fs::last_write_time(file) > old + std::chrono::hours(47));
  fs::remove(file);
  for (const auto& gone : {id, BlobId("b_../../secret")}) {
    const auto error = loop.run(blobs->keep({gone})).error();
    CHECK(error.code == ErrorCode::unprocessable);
    CHECK(error.fields.at(0).field == "attachments");
  }
}

TEST_CASE_FIXTURE(Fixture, "an id that is none never becomes a path") {
  std::ofstream(temp.path() / "secret") << "secret";
  for (const auto* id :
       {"", "b_", "b_../../secret", "b_0000000000000000000000000000000000000000000000000000000000000000",
        "b_ABCDEF0000000000000000000000000000000000000000000000000000000000"}) {
    CAPTURE(id);
    const auto got = loop.run(blobs->get(BlobId(id)));
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code == ErrorCode::not_found);
  }
}

TEST_CASE_FIXTURE(Fixture, "an id as long as a true one leads nowhere else, nor does one that only ends like one") {
  std::ofstream(temp.path() / "secret.pw") << "secret";
  const auto known = loop.run(blobs->put("known")).value().str();
  std::string path = "../";  // from a folder of the blobs' that is no other than their parent
  while (path.size() < 55) path += "./";
  for (const auto& id : {BlobId("b_" + path + "secret.pw"), BlobId("x_" + known.substr(2))}) {
    CAPTURE(id.str());
    CHECK(loop.run(blobs->get(id)).error().code == ErrorCode::not_found);
    CHECK(loop.run(blobs->keep({id})).error().code == ErrorCode::unprocessable);
  }
}

TEST_CASE_FIXTURE(Fixture, "a damaged file is said to be damaged, not handed out") {
  const auto id = loop.run(blobs->put("whole"));
  std::ofstream(files().front(), std::ios::trunc) << "whale";
  const auto got = loop.run(blobs->get(id.value()));
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code == ErrorCode::internal);
}

TEST_CASE_FIXTURE(Fixture, "a disk that refuses is `unavailable` and leaves nothing behind") {
  std::filesystem::create_directories(temp.path() / "state");
  std::ofstream(temp.path() / "state" / "blobs") << "a file where the folder should be";
  const auto id = loop.run(blobs->put("content"));
  REQUIRE_FALSE(id.has_value());
  CHECK(id.error().code == ErrorCode::unavailable);
  CHECK(files().size() == 1);
  const BlobId other("b_a630f3a1b9b038699fac0cf3727de291442a38dce9e0dc54cf93a0863c258b4e");
  CHECK(loop.run(blobs->get(other)).error().code == ErrorCode::unavailable);
  CHECK(loop.run(blobs->keep({other})).error().code == ErrorCode::unavailable);
}

TEST_CASE_FIXTURE(Fixture, "a disk that fills up while it is written is `unavailable` and keeps no half of it") {
  {
    const FullDisk full(4);
    const auto id = loop.run(blobs->put("content"));
    REQUIRE_FALSE(id.has_value());
    CHECK(id.error().code == ErrorCode::unavailable);
  }
  CHECK(files().empty());
  CHECK(loop.run(blobs->put("content")).has_value());
}

TEST_CASE_FIXTURE(Fixture, "what finds no room is trouble until as much finds room") {
  REQUIRE(loop.run(blobs->put("here before")).has_value());
  CHECK(blobs->trouble().why.empty());
  {
    const FullDisk full(4);
    CHECK_FALSE(loop.run(blobs->put("content")).has_value());
    CHECK(blobs->trouble().why.find("cannot write") != std::string::npos);
    REQUIRE(loop.run(blobs->put("tiny")).has_value());
    CHECK_FALSE(blobs->trouble().why.empty());
    CHECK_FALSE(loop.run(blobs->put("small")).has_value());
    CHECK(blobs->trouble().times == 2);
  }
  SUBCASE("less than the largest that found none says nothing") {
    REQUIRE(loop.run(blobs->put("small")).has_value());
  }
  SUBCASE("nor does what was there already") {
    REQUIRE(loop.run(blobs->put("here before")).has_value());
  }
  CHECK_FALSE(blobs->trouble().why.empty());
  REQUIRE(loop.run(blobs->put("content")).has_value());
  CHECK(blobs->trouble().why.empty());
  CHECK(blobs->trouble().times == 2);
  const FullDisk full(4);
  CHECK_FALSE(loop.run(blobs->put("again")).has_value());
  CHECK_FALSE(blobs->trouble().why.empty());
  CHECK(blobs->trouble().times == 3);
}

}  // namespace peyk::routing
