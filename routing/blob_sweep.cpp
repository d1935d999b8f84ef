#include "routing/blob_sweep.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "routing/store/replies.h"
#include "routing/store/writer.h"

namespace peyk::routing {
namespace {

namespace fs = std::filesystem;
using Files = std::vector<fs::path>;

constexpr auto kFirst = std::chrono::hours(1);
constexpr auto kEvery = std::chrono::hours(6);
// An upload may be named for a day; an hour more is for the message that names it on its way.
constexpr auto kAge = std::chrono::hours(25);
constexpr std::size_t kAtOnce = 500;
constexpr std::size_t kHexDigits = 64;
constexpr std::string_view kMark = ".store";
constexpr std::string_view kDoomed = ".old-";

bool is_blob(const fs::path& path) {
  const auto name = path.filename().string();
  return name.size() == kHexDigits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_older(const fs::path& path, fs::file_time_type limit) {
  std::error_code error;
  const auto written = fs::last_write_time(path, error);
  return !error && written < limit;
}

/// One whose writer died before it was whole.
bool is_unfinished(const fs::path& path) {
  return path.filename().string().starts_with(".new-");
}

/// One that was put aside by a sweep that did not come to its end.
void put_back(const fs::path& aside) {
  std::error_code ignored;
  fs::rename(aside, aside.parent_path() / aside.filename().string().substr(kDoomed.size()), ignored);
}

Files old_files(const fs::path& root, std::chrono::seconds age) {
  Files found;
  std::error_code error;
  std::error_code ignored;
  const auto limit = fs::file_time_type::clock::now() - age;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().starts_with(kDoomed)) put_back(it->path());
    if (is_unfinished(it->path()) && is_older(it->path(), limit)) fs::remove(it->path(), ignored);
    if (is_blob(it->path()) && is_older(it->path(), limit)) found.push_back(it->path());
  }
  return found;
}

/// Somebody may be storing the same content at this moment, which renews the file's time or finds it gone and writes it
/// anew: put aside first, it is looked at once more.
bool remove_if_old(const fs::path& path, std::chrono::seconds age) {
  std::error_code error;
  const auto aside = path.parent_path() / (std::string(kDoomed) + path.filename().string());
  fs::rename(path, aside, error);
  if (error) return false;
  if (is_older(aside, fs::file_time_type::clock::now() - age)) return fs::remove(aside, error);
  fs::rename(aside, path, error);
  return false;
}

std::string read_mark(const fs::path& root) {
  std::ifstream file(root / kMark);
  std::string mark;
  std::getline(file, mark);
  return mark;
}

void write_mark(const fs::path& root, const std::string& mark) {
  std::error_code error;
  fs::create_directories(root, error);
  std::ofstream(root / kMark) << mark << "\n";
}

class PeriodicSweep : public BlobSweep {
 public:
  PeriodicSweep(BlobSweepDependencies dependencies, fs::path folder)
      : dependencies_(std::move(dependencies)), folder_(std::move(folder)), tasks_(dependencies_.executor, "blobs") {}

  void start() override { tasks_.spawn("sweep", keep_sweeping()); }
  asio::awaitable<void> stop() override { co_await tasks_.stop(); }

  asio::awaitable<Result<std::size_t>> sweep(std::chrono::seconds age) override {
    const auto known = co_await recognise();
    if (!known) co_return std::unexpected(known.error());
    auto files = co_await dependencies_.pool.run([folder = folder_, age] { return old_files(folder, age); });
    std::size_t removed = 0;
    while (!files.empty()) {
      const auto size = std::min(kAtOnce, files.size());
      const auto begin = files.end() - static_cast<std::ptrdiff_t>(size);
      Files some(begin, files.end());
      files.erase(begin, files.end());
      const auto gone = co_await sweep_some(std::move(some), age);
      if (!gone) co_return gone;
      removed += *gone;
    }
    co_return removed;
  }

 private:
  asio::awaitable<void> keep_sweeping() {
    co_await sleep_for(kFirst);
    for (;;) {
      const auto removed = co_await sweep(kAge);
      if (removed) {
        spdlog::info("blobs.swept files={}", *removed);
      } else {
        spdlog::warn("blobs.not_swept reason=\"{}\"", removed.error().message);
      }
      co_await sleep_for(kEvery);
    }
  }

  /// Whether the store is the one whose messages name these files.
  asio::awaitable<Result<>> recognise() {
    const auto mark = co_await dependencies_.pool.run([folder = folder_] { return read_mark(folder); });
    store::ObjectWriter call;
    call.text("mark", mark).text("new", dependencies_.random.token(16));
    const auto reply = co_await dependencies_.runner.write("blob_mark", call.take());
    if (!reply) co_return std::unexpected(reply.error());
    if (!mark.empty()) co_return Result<>();
    auto given = store::text(*reply, "mark");
    co_await dependencies_.pool.run([folder = folder_, given = std::move(given)] { write_mark(folder, given); });
    co_return Result<>();
  }

  asio::awaitable<Result<std::size_t>> sweep_some(Files files, std::chrono::seconds age) {
    store::ArrayWriter ids;
    for (const auto& file : files) ids.text("b_" + file.filename().string());
    store::ObjectWriter call;
    const auto reply = co_await dependencies_.runner.read("unnamed_blobs", call.raw("blobs", ids.take()).take());
    if (!reply) co_return std::unexpected(reply.error());
    auto unnamed = store::texts(*reply, "unnamed");
    auto work = [folder = folder_, unnamed = std::move(unnamed), age] {
      std::size_t removed = 0;
      for (const auto& id : unnamed) {
        const auto digest = id.substr(2);
        if (remove_if_old(folder / digest.substr(0, 2) / digest, age)) ++removed;
      }
      return removed;
    };
    co_return co_await dependencies_.pool.run(std::move(work));
  }

  BlobSweepDependencies dependencies_;
  fs::path folder_;
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<BlobSweep> create_blob_sweep(BlobSweepDependencies dependencies, fs::path folder) {
  return std::make_unique<PeriodicSweep>(std::move(dependencies), std::move(folder));
}

}  // namespace peyk::routing
