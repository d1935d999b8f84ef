#include "base/redis/private_server.h"

#include <cerrno>
#include <csignal>
#include <deque>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/async/backoff.h"
#include "base/async/child_process.h"
#include "base/async/deadline.h"
#include "base/async/task_group.h"
#include "base/random.h"
#include "base/redis/aof_repair.h"
#include "base/redis/folder_lock.h"

namespace peyk::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstRetry{100};
constexpr milliseconds kLongestRetry{5000};
constexpr std::chrono::minutes kReadyLimit{1};  // it accepts connections before it loads its data
constexpr std::chrono::hours kForever{24 * 365};
constexpr std::size_t kLongestSocketPath = 107;
constexpr std::string_view kSocketName = "redis.sock";

std::string error_text(int error) {
  return std::generic_category().message(error);
}

class ChildServer : public PrivateServer {
 public:
  ChildServer(asio::any_io_executor executor, PrivateServerOptions options)
      : executor_(executor),
        options_(std::move(options)),
        backoff_(kFirstRetry, kLongestRetry, system_random()),
        tasks_(std::move(executor), "redis-server") {}

  ~ChildServer() override {
    if (folder_fd_ >= 0) close(folder_fd_);
  }

  asio::awaitable<Result<>> start(milliseconds limit) override {
    auto prepared = prepare_folder();
    if (!prepared) co_return std::move(prepared);
    auto launched = co_await with_deadline(limit, launch(limit));
    if (!launched) {
      child_.reset();
      const bool late = launched.error().code == ErrorCode::timeout;
      trouble_ = late ? fmt::format("redis-server did not start within {} ms: {}", limit.count(), last_words())
                      : launched.error().message;
      co_return fail(ErrorCode::unavailable, trouble_);
    }
    tasks_.spawn("watch", watch());
    co_return Result<>{};
  }

  asio::awaitable<void> stop(milliseconds limit) override {
    co_await tasks_.stop();
    trouble_ = "stopped";
    if (!child_) co_return;
    child_->send_signal(SIGTERM);
    const bool ended = co_await child_->wait(limit);
    if (!ended) spdlog::warn("redis_server.killed reason=\"did not end within {} ms\"", limit.count());
    child_.reset();  // kills what still runs
    spdlog::info("redis_server.stopped");
  }

  std::string socket_path() const override {
    auto path = (options_.folder / kSocketName).string();
    if (path.size() <= kLongestSocketPath || folder_fd_ < 0) return path;
    return fmt::format("/proc/self/fd/{}/{}", folder_fd_, kSocketName);
  }

  std::string trouble() const override { return trouble_; }
  bool disk_full() const override { return disk_full_; }
  int pid() const override { return child_ && child_->running() ? child_->pid() : 0; }

 private:
  Result<> prepare_folder() {
    std::error_code error;
    const bool created = std::filesystem::create_directories(options_.folder, error);
    if (!error && created) {
      std::filesystem::permissions(options_.folder, std::filesystem::perms::owner_all, error);
    }
    if (!error) options_.folder = std::filesystem::canonical(options_.folder, error);
    if (error) {
      return fail(ErrorCode::unavailable,
                  fmt::format("cannot make the folder {}: {}", options_.folder.string(), error.message()));
    }
    folder_fd_ = open(options_.folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd_ < 0) {
      return fail(ErrorCode::unavailable,
                  fmt::format("cannot open the folder {}: {}", options_.folder.string(), error_text(errno)));
    }
    return {};
  }

  /// From nothing running to a server that accepts connections.
  asio::awaitable<Result<>> launch(milliseconds lock_limit) {
    last_lines_.clear();
    auto lock = co_await FolderLock::acquire(options_.folder, lock_limit);
    if (!lock) co_return std::unexpected(std::move(lock.error()));
    auto room = check_room();
    if (!room) co_return room;
    auto mended = co_await repair_aof(executor_, {options_.folder, options_.program, lock->fd()});
    if (!mended) co_return mended;
    auto child = start_child(executor_, {options_.program, server_arguments(), options_.folder, {}, lock->fd()},
                             [this](std::string_view line) { take_line(line); });
    if (!child) co_return std::unexpected(std::move(child.error()));
    child_ = std::move(*child);
    auto ready = co_await with_deadline(kReadyLimit, wait_until_ready());
    if (!ready) co_return ready;
    trouble_.clear();
    disk_full_ = false;
    spdlog::info("redis_server.started pid={} folder=\"{}\"", child_->pid(), options_.folder.string());
    co_return Result<>{};
  }

  /// A server on a full disk would start, and exit again at its first write.
  Result<> check_room() {
    std::error_code error;
    const auto space = std::filesystem::space(options_.folder, error);
    if (error || space.available >= options_.least_free_bytes) return {};
    disk_full_ = true;
    return fail(ErrorCode::unavailable,
                fmt::format("disk full: {} bytes are left for {}, and redis-server needs {}", space.available,
                            options_.folder.string(), options_.least_free_bytes));
  }

  std::vector<std::string> server_arguments() const {
    return {"redis-server", "--port", "0", "--unixsocket", std::string(kSocketName), "--unixsocketperm", "700", "--dir",
            ".", "--daemonize", "no", "--supervised", "no", "--logfile", "", "--pidfile", "", "--save", "",
            "--appendonly", options_.keep ? "yes" : "no", "--appenddirname", std::string(kAofFolder),
            "--appendfilename", std::string(kAofName), "--appendfsync", options_.fsync_always ? "always" : "everysec",
            "--no-appendfsync-on-rewrite", "no", "--aof-use-rdb-preamble", "yes", "--aof-load-truncated", "yes",
            "--auto-aof-rewrite-percentage", "100",
            // Of a small desk a rewrite at Redis's 64 MB takes a whole core away every few seconds of load.
            "--auto-aof-rewrite-min-size", "256mb",
            // A histogram for each command of a script: nobody reads them.
            "--latency-tracking", "no", "--maxmemory-policy", "noeviction"};
  }

  asio::awaitable<Result<>> wait_until_ready() {
    constexpr milliseconds kPause{3};
    const asio::local::stream_protocol::endpoint address(socket_path());
    for (;;) {
      asio::local::stream_protocol::socket socket(executor_);
      const auto [error] = co_await socket.async_connect(address, asio::as_tuple(asio::use_awaitable));
      if (!error) co_return Result<>{};
      const bool ended = co_await child_->wait(kPause);
      if (ended) co_return fail(ErrorCode::unavailable, end_of_server());
    }
  }

  /// Starts it again whenever it has exited.
  asio::awaitable<void> watch() {
    for (;;) {
      const auto started = std::chrono::steady_clock::now();
      while (child_ && child_->running()) co_await child_->wait(kForever);
      if (child_) {
        trouble_ = end_of_server();
        spdlog::error("redis_server.exited reason=\"{}\"", trouble_);
        child_.reset();
      }
      if (std::chrono::steady_clock::now() - started > kLongestRetry) backoff_.reset();
      co_await sleep_for(backoff_.next());
      auto launched = co_await launch(kLongestRetry);
      if (launched) continue;
      child_.reset();
      if (trouble_ != launched.error().message) {
        spdlog::error("redis_server.start_failed reason=\"{}\"", launched.error().message);
      }
      trouble_ = launched.error().message;
    }
  }

  void take_line(std::string_view line) {
    // "30177:M 22 Nov 2026 05:06:40.535 # Server initialized": the rest is ours to say.
    constexpr std::string_view kMarks = "*#";
    const auto mark = line.find_first_of(kMarks);
    const bool warning = mark != std::string_view::npos && line[mark] == '#';
    const auto text = mark == std::string_view::npos || mark + 2 > line.size() ? line : line.substr(mark + 2);
    remember(text);
    spdlog::log(warning ? spdlog::level::info : spdlog::level::debug, "redis_server.log line=\"{}\"", text);
    const auto says = [text](std::string_view words) { return text.find(words) != std::string_view::npos; };
    if (says("No space left on device")) disk_full_ = true;
    // Half of what it wrote found room; Redis names no reason then.
    if (says("Short write while writing to the AOF file")) disk_full_ = !check_room().has_value();
    if (says("AOF write error looks solved")) disk_full_ = false;
  }

  void remember(std::string_view line) {
    if (line.starts_with("WARNING")) return;  // advice about the kernel's settings, never why it ended
    constexpr std::size_t kKept = 5;
    last_lines_.emplace_back(line);
    if (last_lines_.size() > kKept) last_lines_.pop_front();
  }

  std::string last_words() const {
    return last_lines_.empty() ? std::string("it wrote nothing") : fmt::format("{}", fmt::join(last_lines_, " / "));
  }

  std::string end_of_server() const {
    if (disk_full_) return fmt::format("disk full: redis-server ended ({}): {}", child_->end(), last_words());
    return fmt::format("redis-server ended ({}): {}", child_->end(), last_words());
  }

  asio::any_io_executor executor_;
  PrivateServerOptions options_;
  int folder_fd_ = -1;
  std::unique_ptr<ChildProcess> child_;
  std::deque<std::string> last_lines_;
  std::string trouble_ = "not started";
  bool disk_full_ = false;
  Backoff backoff_;
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<PrivateServer> create_private_server(asio::any_io_executor executor, PrivateServerOptions options) {
  return std::make_unique<ChildServer>(std::move(executor), std::move(options));
}

}  // namespace peyk::redis
