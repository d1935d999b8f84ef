#include "daemon/ctl/plot_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include "base/async/child_process.h"
#include "base/text.h"

namespace peyk::ctl {
namespace {

namespace fs = std::filesystem;
using routing::simulation::PlotFormat;

constexpr auto kLimit = std::chrono::minutes(2);
constexpr const char* kMissing = "the plot needs gnuplot: apt-get install gnuplot-nox";

/// A fresh folder below the temporary ones, removed with what is in it.
class WorkFolder {
 public:
  WorkFolder() {
    std::error_code ignored;  // without a folder for temporary files mkdtemp fails below
    std::string name = (fs::temp_directory_path(ignored) / "peyk-plot-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~WorkFolder() {
    std::error_code ignored;  // what cannot be removed stays among the temporary files
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

bool write(const fs::path& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  return !stream.fail();
}

/// Beside its place first, so that nobody ever sees half of it.
Result<> put_in_place(const fs::path& made, const fs::path& file) {
  const auto beside = fs::path(fmt::format("{}.{}", file.string(), ::getpid()));
  std::error_code error;
  fs::copy_file(made, beside, fs::copy_options::overwrite_existing, error);
  if (!error) fs::rename(beside, file, error);
  if (!error) return {};
  std::error_code ignored;  // it may never have been written
  fs::remove(beside, ignored);
  return fail(ErrorCode::unavailable, fmt::format("cannot write {}: {}", file.string(), error.message()));
}

}  // namespace

Result<PlotFormat> plot_format_of(const std::string& file) {
  const auto end = ascii_lower(fs::path(file).extension().string());
  if (end == ".svg") return PlotFormat::svg;
  if (end == ".png") return PlotFormat::png;
  return fail(ErrorCode::invalid, fmt::format("{}: a plot's name ends in .svg or .png", file));
}

Result<> find_gnuplot() {
  const char* path = std::getenv("PATH");
  for (const auto folder : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    if (::access((fs::path(folder) / "gnuplot").c_str(), X_OK) == 0) return {};
  }
  return fail(ErrorCode::not_found, kMissing);
}

asio::awaitable<Result<>> write_plot(std::string file, std::span<const routing::simulation::PlotRun> runs,
                                     routing::simulation::PlotOptions options) {
  const auto format = plot_format_of(file);
  if (!format) co_return std::unexpected(format.error());
  const WorkFolder folder;
  options.format = *format;
  options.output = "plot";
  options.data = "data";
  const auto plot = routing::simulation::make_plot(runs, options);
  const bool written = !folder.path().empty() && write(folder.path() / "data", plot.data) &&
                       write(folder.path() / "script", plot.script);
  if (!written) co_return fail(ErrorCode::unavailable, "cannot write the plot's data among the temporary files");
  std::string said;
  const auto executor = co_await asio::this_coro::executor;
  const ChildOptions child{"gnuplot", {"gnuplot", "--default-settings", "script"}, folder.path(), {}, -1};
  auto gnuplot = start_child(executor, child, [&said](std::string_view line) { said += "\n" + std::string(line); });
  if (!gnuplot) co_return fail(ErrorCode::not_found, kMissing);
  const bool ended = co_await (*gnuplot)->wait(kLimit);
  if (!ended || !(*gnuplot)->succeeded()) {
    const auto how = ended ? (*gnuplot)->end() : std::string("no end in time");
    co_return fail(ErrorCode::internal, fmt::format("gnuplot failed ({}):{}", how, said));
  }
  co_return put_in_place(folder.path() / "plot", file);
}

}  // namespace peyk::ctl
