#include "base/redis/aof_repair.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/child_process.h"

namespace peyk::redis {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kForever{24 * 365};  // a large log takes long; the owner's stop cancels

/// What the checker says of one file: "AOF analyzed: filename=F, size=S, ok_up_to=N, ok_up_to_line=L, diff=D".
struct Torn {
  fs::path file;
  std::uintmax_t good_bytes = 0;
  std::uintmax_t cut_bytes = 0;
};

std::string_view field(std::string_view line, std::string_view name) {
  const auto at = line.find(name);
  if (at == std::string_view::npos) return {};
  const auto rest = line.substr(at + name.size());
  return rest.substr(0, rest.find(','));
}

std::optional<Torn> read_analysis(std::string_view line) {
  if (!line.starts_with("AOF analyzed: ")) return std::nullopt;
  Torn torn{field(line, "filename="), 0, 0};
  const auto good = field(line, "ok_up_to=");
  const auto cut = field(line, "diff=");
  std::from_chars(good.data(), good.data() + good.size(), torn.good_bytes);
  std::from_chars(cut.data(), cut.data() + cut.size(), torn.cut_bytes);
  if (torn.cut_bytes == 0) return std::nullopt;
  return torn;
}

struct Finding {
  bool good = false;
  std::optional<Torn> torn;
  std::string last_line;
};

asio::awaitable<Result<Finding>> check(asio::any_io_executor executor, const AofRepair& repair, bool fix) {
  const auto manifest = fmt::format("{}/{}.manifest", kAofFolder, kAofName);
  // The one program is server and checker, by the name it is called.
  std::vector<std::string> words{"redis-check-aof"};
  if (fix) words.emplace_back("--fix");
  words.push_back(manifest);
  const auto finding = std::make_unique<Finding>();
  auto child = start_child(executor, {repair.program, std::move(words), repair.folder, "y\n", repair.lock_fd},
                           [found = finding.get()](std::string_view line) {
                             if (auto torn = read_analysis(line)) found->torn = std::move(torn);
                             found->last_line = line;
                           });
  if (!child) co_return std::unexpected(std::move(child.error()));
  const bool ended = co_await (*child)->wait(kForever);
  finding->good = ended && (*child)->succeeded();
  co_return std::move(*finding);
}

auto damaged(const AofRepair& repair, std::string_view how) {
  return fail(
      ErrorCode::unavailable,
      fmt::format("the log of redis in {} is damaged ({}); bring back a copy of that folder, or move it away to "
                  "begin with an empty store",
                  (repair.folder / kAofFolder).string(), how));
}

/// The checker would take a manifest that it cannot read for a log, and cut it down to nothing.
Result<> check_manifest(const AofRepair& repair, const fs::path& manifest) {
  std::ifstream file(manifest);
  bool names_a_file = false;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (!line.starts_with("file ")) return damaged(repair, "its manifest is unreadable");
    names_a_file = true;
  }
  if (!names_a_file) return damaged(repair, "its manifest is empty");
  return {};
}

Result<> keep_cut_off(const AofRepair& repair, const Torn& torn) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const auto kept = repair.folder / fmt::format("cut-off-{}.aof", seconds.count());
  std::ifstream log(repair.folder / kAofFolder / torn.file.filename(), std::ios::binary);
  log.seekg(static_cast<std::streamoff>(torn.good_bytes));
  std::ofstream out(kept, std::ios::binary | std::ios::app);
  out << log.rdbuf();
  out.close();
  if (!log.good() || !out.good()) {
    return fail(ErrorCode::unavailable, fmt::format("cannot write {}, to keep the torn end of the log", kept.string()));
  }
  spdlog::warn("redis_server.aof_torn file={} cut_bytes={} kept=\"{}\"", torn.file.filename().string(), torn.cut_bytes,
               kept.string());
  return {};
}

}  // namespace

asio::awaitable<Result<>> repair_aof(asio::any_io_executor executor, AofRepair repair) {
  const auto manifest = repair.folder / kAofFolder / fmt::format("{}.manifest", kAofName);
  if (!fs::exists(manifest)) co_return Result<>{};
  auto readable = check_manifest(repair, manifest);
  if (!readable) co_return readable;
  auto found = co_await check(executor, repair, false);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (found->good) co_return Result<>{};
  // A crash tears the last log only; the base beside it was complete before it was named.
  const bool torn_log = found->torn && found->torn->file.string().ends_with(".incr.aof");
  if (!torn_log) co_return damaged(repair, found->last_line);
  auto kept = keep_cut_off(repair, *found->torn);
  if (!kept) co_return kept;
  auto fixed = co_await check(executor, repair, true);
  if (!fixed) co_return std::unexpected(std::move(fixed.error()));
  if (!fixed->good) co_return damaged(repair, fixed->last_line);
  co_return Result<>{};
}

}  // namespace peyk::redis
